import { readFile } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { type Json, type Location, type OptionPath, showPath } from '@millrace/core';
import {
  type Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import { keepDigits, MAX_ALIASES } from './exact-numbers.ts';
import type { Finding } from './project.ts';

/** A YAML or JSON file, read, with the places of its values. */
export interface Source {
  /** As findings show it. */
  readonly file: string;
  /** Undefined where the file cannot be read as YAML. */
  readonly content: Json | undefined;
  /** The place of a value, or of the key that holds it; of its nearest ancestor where it is not in the file. */
  locate(path: OptionPath, atKey?: boolean): Location;
}

/** Reads one file. Everything that is wrong with its form comes as findings. */
export async function readSource(
  path: string,
  cwd: string,
): Promise<{ source?: Source; findings: Finding[] }> {
  const file = shownPath(path, cwd);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const message = `The file cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`;
    return { findings: [{ severity: 'error', code: 'config.unreadable', message, file }] };
  }
  return parseSource(text, file);
}

/** Below the working directory a relative path is shorter to read and to click; elsewhere only a whole one is true. */
export function shownPath(path: string, cwd: string): string {
  const way = relative(cwd, path);
  return way.startsWith('..') || isAbsolute(way) ? path : way;
}

export function parseSource(text: string, file: string): { source: Source; findings: Finding[] } {
  const lines = new LineCounter();
  const document = parseDocument(text.replace(/^\uFEFF/, ''), {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    uniqueKeys: true,
  });
  const findings = [...document.errors, ...document.warnings].map((error): Finding => {
    const { line, col } = lines.linePos(error.pos[0]);
    const message = `Not valid YAML: ${error.message}`;
    return {
      severity: 'error',
      code: 'config.syntax',
      message,
      hint: syntaxHint(error.code),
      file,
      line,
      column: col,
    };
  });
  let content: Json | undefined;
  if (findings.length === 0) {
    try {
      keepDigits(document, text);
      content = (document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {}) as Json;
    } catch (error) {
      const message = `Not valid YAML: ${(error as Error).message}`;
      findings.push({ severity: 'error', code: 'config.syntax', message, file, line: 1, column: 1 });
    }
  }
  const locate = (path: OptionPath, atKey = false): Location => ({
    file,
    ...position(document, lines, path, atKey),
    ...(path.length > 0 && { path: showPath(path) }),
  });
  return { source: { file, content, locate }, findings };
}

/** What to do about a mistake that the YAML library found. */
export function syntaxHint(code: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'Remove one of the two keys.';
    case 'TAB_AS_INDENT':
      return 'Indent with blanks, not with tabs.';
    case 'BAD_INDENT':
    case 'MULTILINE_IMPLICIT_KEY':
    case 'MISSING_CHAR':
      return 'Look at the indentation and at the quotes of this line and the one before.';
    default:
      return 'Look at this line and the one before: indentation, quotes, colons.';
  }
}

function position(document: Document, lines: LineCounter, path: OptionPath, atKey: boolean): Location {
  for (let length = path.length; length > 0; length--) {
    const parent = nodeAt(document, path.slice(0, length - 1));
    const name = path[length - 1];
    if (!isCollection(parent) || name === undefined) continue;
    const item = isMap(parent)
      ? parent.items.find(
          (pair) => isPair(pair) && isScalar(pair.key) && String(pair.key.value) === String(name),
        )
      : (parent.items[Number(name)] as Node | undefined);
    if (!item) continue;
    const node = isPair(item) ? nodeOf(item, atKey || length < path.length) : (item as Node);
    return place(lines, node?.range?.[0]);
  }
  return place(lines, (document.contents as Node | null)?.range?.[0] ?? 0);
}

/** A key stands for its value where that is an object or a list: the eye looks for the key. */
function nodeOf(pair: { key: unknown; value: unknown }, key: boolean): Node | undefined {
  const value = pair.value as Node | null;
  return key || !value || isCollection(value) ? (pair.key as Node) : value;
}

function nodeAt(document: Document, path: OptionPath): unknown {
  return path.length === 0 ? document.contents : document.getIn(path, true);
}

function place(lines: LineCounter, offset: number | undefined): Location {
  if (offset === undefined) return {};
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
