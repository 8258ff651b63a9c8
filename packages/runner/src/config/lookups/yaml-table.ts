import { FORBIDDEN_KEYS, type Json, type OptionPath, showPath } from '@millrace/core';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { keepDigits, MAX_ALIASES } from '../exact-numbers.ts';
import { syntaxHint } from '../source.ts';
import type { TableBuilder } from './table.ts';

/** Reads a table of YAML or JSON: an object, whose keys are taken as they stand: `01` is not `1`. */
export function readYamlTable(text: string, builder: TableBuilder): void {
  new YamlTable(text, builder).read();
}

class YamlTable {
  readonly #builder: TableBuilder;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  constructor(text: string, builder: TableBuilder) {
    this.#builder = builder;
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      strict: true,
      uniqueKeys: false,
    });
    keepDigits(this.#document, text);
  }

  read(): void {
    const { contents, errors, warnings } = this.#document;
    for (const { code, message, pos } of [...errors, ...warnings]) {
      const { line, col: column } = this.#lines.linePos(pos[0]);
      const place = { line, column };
      this.#builder.report('config.syntax', `Not valid YAML: ${message}`, syntaxHint(code), place);
    }
    if (errors.length + this.#document.warnings.length > 0 || contents === null) return;
    if (!isMap(contents)) {
      const message = 'A lookup table must be an object: a key, a colon, a value';
      this.#builder.report(
        'config.wrong_type',
        message,
        'Write one line for each code.',
        this.#place(contents),
      );
      return;
    }
    for (const pair of contents.items) this.#entry(pair as Pair<Node | null, Node | null>);
  }

  #entry({ key, value }: Pair<Node | null, Node | null>): void {
    const name = this.#key(key, []);
    if (name === undefined) return;
    if (value) this.#check(value, [name]);
    this.#builder.add(name, this.#toJson(value), { ...this.#place(key), path: showPath([name]) });
  }

  /** The text of a key; undefined, and reported, where it cannot be one. */
  #key(key: Node | null, at: OptionPath): string | undefined {
    if (!isScalar(key)) {
      this.#builder.report('config.wrong_type', 'A key must be a text', undefined, this.#place(key));
      return undefined;
    }
    const plain = key.type === 'PLAIN' && key.source !== undefined;
    const name = plain ? (key.source ?? '') : String(key.value);
    if (!FORBIDDEN_KEYS.has(name)) return name;
    const place = { ...this.#place(key), path: showPath([...at, name]) };
    this.#builder.report('config.invalid_path', `"${name}" cannot be a key`, undefined, place);
    return undefined;
  }

  /** What stands inside of a value: no key twice there either. */
  #check(node: Node, at: OptionPath): void {
    if (isSeq(node)) node.items.forEach((item, index) => void this.#check(item as Node, [...at, index]));
    if (!isMap(node)) return;
    const seen = new Map<string, number | undefined>();
    for (const { key, value } of (node as YAMLMap<Node | null, Node | null>).items) {
      const name = this.#key(key, at);
      if (name === undefined) continue;
      const place = { ...this.#place(key), path: showPath([...at, name]) };
      if (seen.has(name)) this.#builder.duplicate(name, seen.get(name), place);
      else seen.set(name, place.line);
      if (value) this.#check(value, [...at, name]);
    }
  }

  #toJson(value: Node | null): Json {
    if (!value) return null;
    try {
      return value.toJS(this.#document, { maxAliasCount: MAX_ALIASES }) as Json;
    } catch (error) {
      const message = `Not valid YAML: ${(error as Error).message}`;
      this.#builder.report('config.syntax', message, undefined, this.#place(value));
      return null;
    }
  }

  #place(node: Node | null): { line?: number; column?: number } {
    const offset = node && !isAlias(node) ? node.range?.[0] : undefined;
    if (offset === undefined) return {};
    const { line, col: column } = this.#lines.linePos(offset);
    return { line, column };
  }
}
