import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { isObject, type Json, type JsonObject, MillraceError, parseJson } from '@millrace/core';
import { parse as parseCsv } from 'csv-parse/sync';
import { parseData } from './exact-numbers.ts';

const EXTENSIONS = new Set(['.json', '.yaml', '.ndjson', '.csv']);

/** The file that `given: { file }` names; undefined where the object is a record like any other. */
export function givenFile(given: Json): string | undefined {
  if (!isObject(given) || Object.keys(given).length !== 1) return undefined;
  const { file } = given;
  return typeof file === 'string' && EXTENSIONS.has(extname(file)) ? file : undefined;
}

/**
 * The records of a file: one, or a list. CSV has a line of names, and texts. Throws `config.unreadable`,
 * `config.syntax` and `config.wrong_type`.
 */
export async function readRecords(path: string, shown: string = path): Promise<readonly JsonObject[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new MillraceError('config.unreadable', `"${shown}" cannot be read: ${error.code ?? error.message}`);
  });
  return asRecords(parse(text.replace(/^\uFEFF/, ''), extname(path).toLowerCase(), shown), `"${shown}"`);
}

/** A record or a list of records as a list. Throws `config.wrong_type` for anything else. */
export function asRecords(value: Json, what: string): readonly JsonObject[] {
  const records: readonly Json[] = Array.isArray(value) ? value : [value];
  const odd = records.findIndex((record) => !isObject(record));
  if (odd < 0) return records as readonly JsonObject[];
  const message = Array.isArray(value) ? `Member ${odd + 1} of ${what} is no object` : `${what} is no object`;
  throw new MillraceError('config.wrong_type', message, { hint: 'Give one record, or a list of them.' });
}

function parse(text: string, extension: string, shown: string): Json {
  try {
    switch (extension) {
      case '.json':
        return parseJson(text);
      case '.ndjson':
        return text
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map((line) => parseJson(line));
      case '.csv':
        return parseCsv(text, { columns: true, skip_empty_lines: true, bom: true }) as JsonObject[];
      default:
        return (parseData(text) ?? []) as Json;
    }
  } catch (cause) {
    throw new MillraceError('config.syntax', `"${shown}" cannot be parsed: ${(cause as Error).message}`, {
      cause,
    });
  }
}
