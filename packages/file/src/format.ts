import { isObject, type Json, type JsonObject, MillraceError } from '@millrace/core';
import { stringify } from 'csv-stringify/sync';

export type Format = 'ndjson' | 'csv';

/** The format that an option or the file's ending names. */
export function formatOf(path: string, format: Format | undefined): Format {
  if (format) return format;
  return /\.csv$/i.test(path) ? 'csv' : 'ndjson';
}

/** One record as a line of NDJSON, with its end. */
export function ndjsonLine(record: Json): string {
  return `${JSON.stringify(record)}\n`;
}

/** Cells as a line of CSV (RFC 4180), with its end; what is not text is written as JSON. */
export function csvLine(cells: readonly (Json | undefined)[], delimiter: string): string {
  return stringify([cells.map(cell)], { delimiter });
}

function cell(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The cells of a record in the order of the columns. Throws where it has a key that is no column. */
export function csvCells(
  record: JsonObject,
  columns: readonly string[],
  file: string,
): readonly (Json | undefined)[] {
  const extra = Object.keys(record).filter((key) => !columns.includes(key));
  if (extra.length > 0) {
    throw new MillraceError(
      'entity.rejected',
      `${file} has no column for ${extra.map((key) => `"${key}"`).join(', ')}`,
      {
        hint: 'Name all columns under "columns", or map the record to the ones that the file has.',
      },
    );
  }
  return columns.map((column) => record[column]);
}

/** The record that a message is to be written as. */
export function asRecord(value: Json | undefined, format: Format): Json {
  if (value === undefined || value === null) {
    throw new MillraceError('request.missing_payload', 'The record to write is empty', {
      hint: 'Say what is to be written: record: "&{…}".',
    });
  }
  if (format === 'csv' && !isObject(value)) {
    throw new MillraceError('entity.rejected', 'A line of CSV is made of an object, and this is none');
  }
  return value;
}
