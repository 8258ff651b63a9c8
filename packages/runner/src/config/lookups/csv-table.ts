import { FORBIDDEN_KEYS, type JsonObject } from '@millrace/core';
import { CsvError, type InfoRecord } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import type { TableBuilder } from './table.ts';

interface Line {
  readonly record: readonly string[];
  readonly info: InfoRecord;
}

/**
 * Reads a table of CSV: the first line names the columns, the first column is the key. With two columns the second is
 * the value, with more of them an object of the others. All cells are texts.
 */
export function readCsvTable(text: string, builder: TableBuilder): void {
  const plain = text.replace(/\r\n?/g, '\n');
  const lines = readLines(plain, builder);
  if (!lines) return;
  const [head, ...rest] = lines;
  const names = head?.record ?? [];
  if (names.length < 2) {
    const message = 'A lookup table must have two columns or more: a key, a value';
    const hint = 'Name them in the first line, such as "code,name".';
    builder.report('config.wrong_type', message, hint, { line: head ? lineOf(head) : 1, column: 1 });
    return;
  }
  if (head && !checkNames(names, lineOf(head), builder)) return;
  for (const line of rest) addLine(line, names, builder);
}

function readLines(text: string, builder: TableBuilder): readonly Line[] | undefined {
  try {
    return parse(text, {
      delimiter: delimiterOf(text),
      info: true,
      record_delimiter: '\n',
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as readonly Line[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number(error['lines'] ?? 1);
    builder.report('config.syntax', `Not valid CSV: ${error.message}`, 'Look at the quotes.', {
      line,
      column: 1,
    });
    return undefined;
  }
}

/** What stands between the columns of the first line: spreadsheets write semicolons or tabs in some countries. */
function delimiterOf(text: string): string {
  const head = text
    .slice(0, text.indexOf('\n') === -1 ? undefined : text.indexOf('\n'))
    .replace(/"[^"]*"/g, '');
  return [',', ';', '\t'].find((delimiter) => head.includes(delimiter)) ?? ',';
}

/** Where a record begins: the parser counts up to its end. */
function lineOf({ record, info }: Line): number {
  return info.lines - record.reduce((breaks, cell) => breaks + (cell.split('\n').length - 1), 0);
}

function checkNames(names: readonly string[], line: number, builder: TableBuilder): boolean {
  const before = builder.findings.length;
  const place = { line, column: 1 };
  names.forEach((name, index) => {
    if (name === '') builder.report('config.wrong_type', `Column ${index + 1} has no name`, undefined, place);
    else if (FORBIDDEN_KEYS.has(name)) {
      builder.report('config.invalid_path', `"${name}" cannot be a key`, 'Rename the column.', place);
    } else if (names.indexOf(name) < index) {
      builder.report('config.duplicate_key', `Two columns are called "${name}"`, 'Rename one.', place);
    }
  });
  return builder.findings.length === before;
}

function addLine(line: Line, names: readonly string[], builder: TableBuilder): void {
  const place = { line: lineOf(line), column: 1 };
  const [key = '', ...cells] = line.record;
  if (line.record.length !== names.length) {
    const message = `The line has ${line.record.length} cells, and there are ${names.length} columns`;
    builder.report('config.wrong_type', message, 'Put a cell that holds the separator in quotes.', place);
  } else if (key === '') {
    builder.report('config.invalid_value', 'The key is empty', 'Fill in the first cell.', place);
  } else if (FORBIDDEN_KEYS.has(key)) {
    builder.report('config.invalid_path', `"${key}" cannot be a key`, undefined, place);
  } else {
    const [only = ''] = cells;
    const object: JsonObject = Object.fromEntries(
      names.slice(1).map((name, index) => [name, cells[index] ?? '']),
    );
    builder.add(key, names.length === 2 ? only : object, place);
  }
}
