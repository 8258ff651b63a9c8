import type { FileHandle } from 'node:fs/promises';
import { FORBIDDEN_KEYS, MillraceError } from '@millrace/core';
import { CsvError, type InfoRecord, parse } from 'csv-parse/sync';

/** What a file's own first line says. */
export interface CsvHeader {
  readonly columns: readonly string[];
  /** Bytes up to the first record. */
  readonly length: number;
  /** Lines up to the first record: a column's name may hold line breaks. */
  readonly lines: number;
  readonly lineEnd: '\n' | '\r\n';
}

export interface CsvShape {
  readonly delimiter: string;
  readonly quote: string;
}

/** Both ends in one file are read: people append by hand. */
export const LINE_ENDS = ['\r\n', '\n'];
const FIRST_READ = 65_536;
const MAX_HEADER = 4_194_304;

/** Reads the header of a file that is not empty. Throws `client.unreadable`. */
export async function readHeader(handle: FileHandle, shape: CsvShape, path: string): Promise<CsvHeader> {
  const { size } = await handle.stat();
  for (let wanted = FIRST_READ; ; wanted *= 4) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(wanted, size)), 0, null, 0);
    const text = buffer.subarray(0, bytesRead);
    const found = firstRecord(text, shape, path, bytesRead === size);
    if (found) return found;
    if (wanted >= MAX_HEADER) throw badHeader(path, `it is longer than ${MAX_HEADER} bytes`);
  }
}

/** Undefined where the text ends before the record does. */
function firstRecord(text: Buffer, shape: CsvShape, path: string, whole: boolean): CsvHeader | undefined {
  type Found = { readonly record: readonly string[]; readonly info: InfoRecord };
  let rows: readonly Found[];
  try {
    const options = { ...shape, escape: shape.quote, bom: true, to: 1, info: true, skip_empty_lines: true };
    rows = parse(text, { ...options, record_delimiter: LINE_ENDS }) as unknown as Found[];
  } catch (cause) {
    if (!whole && cause instanceof CsvError && cause.code === 'CSV_QUOTE_NOT_CLOSED') return undefined;
    throw badHeader(path, (cause as Error).message, cause);
  }
  const [first] = rows;
  if (!first) throw badHeader(path, 'there is none');
  const { bytes: length, lines } = first.info;
  // Without a line end behind it the record may go on.
  if (length >= text.length && !whole) return undefined;
  const fault = columnFault(first.record);
  if (fault !== undefined) throw badHeader(path, fault);
  const lineEnd = text[length - 2] === 0x0d && text[length - 1] === 0x0a ? '\r\n' : '\n';
  return { columns: first.record, length, lines, lineEnd };
}

/** What is wrong with names of columns: values would be lost, or not be safe to keep in a record. */
export function columnFault(columns: readonly string[]): string | undefined {
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) return `there are two columns "${twice}"`;
  const refused = columns.find((column) => FORBIDDEN_KEYS.has(column));
  return refused === undefined ? undefined : `"${refused}" is no name for a column`;
}

function badHeader(path: string, why: string, cause?: unknown): MillraceError {
  return new MillraceError('client.unreadable', `The header of "${path}" cannot be read: ${why}`, {
    hint: 'Correct the first line; for a file without a header, name its `columns`.',
    file: path,
    line: 1,
    ...(cause !== undefined && { cause }),
  });
}
