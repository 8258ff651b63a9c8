import { isObject, type Json, type JsonObject, MillraceError } from '@millrace/core';
import { stringify } from 'csv-stringify/sync';

/** One record as a line of NDJSON, without its end. */
export function ndjsonLine(record: Json): string {
  return JSON.stringify(record);
}

// Cells that other programs would take apart or change; quotes and delimiters are the library's own business.
const QUOTED = /[\r\n\uFEFF]|^\s|\s$/;

/** Cells as a line of CSV (RFC 4180), without its end. */
export function csvLine(cells: readonly string[], delimiter: string): string {
  // A line of one empty cell would be an empty line, which readers pass over.
  const line = stringify([[...cells]], {
    delimiter,
    quoted_match: QUOTED,
    quoted_empty: cells.length === 1,
    eof: false,
  });
  return line;
}

/** A value as the text of a cell: nothing for null, JSON for what is not text. Formulas stay as they are. */
export function cellText(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return JSON.stringify(value);
  if (value.isWellFormed()) return value;
  throw new MillraceError('entity.rejected', 'A text is no valid Unicode, and CSV cannot hold it', {
    hint: 'Clean the text in a transformer, or write NDJSON.',
  });
}

/** The cells of a record in the order of the columns. Throws `entity.rejected` where it has a key that is none. */
export function csvCells(record: JsonObject, columns: ReadonlySet<string>, file: string): string[] {
  const extra = Object.keys(record).filter((key) => !columns.has(key));
  if (extra.length > 0) {
    const names = extra.map((key) => `"${key}"`).join(', ');
    throw new MillraceError('entity.rejected', `"${file}" has no column for ${names}`, {
      hint: `Map the record to the columns that the file has (${[...columns].join(', ')}), or begin a new file with more of them.`,
    });
  }
  return [...columns].map((column) => cellText(Object.hasOwn(record, column) ? record[column] : null));
}

/** The record that a message is to be written as. Throws `request.missing_payload` or `entity.rejected`. */
export function asRecord(value: Json | undefined, csv: boolean): Json {
  if (value === undefined || value === null) {
    throw new MillraceError('request.missing_payload', 'The record to write is empty', {
      hint: 'Say what is to be written: record: "&{…}".',
    });
  }
  if (csv && (!isObject(value) || Object.keys(value).length === 0)) {
    throw new MillraceError(
      'entity.rejected',
      'A line of CSV is made of an object with keys, and this is none',
      {
        hint: 'Let `record`, or a transformer, make an object with a key for each column.',
      },
    );
  }
  return value;
}
