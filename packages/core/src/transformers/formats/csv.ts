import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { isObject, type Json, type JsonObject } from '../../json.ts';
import type { Format } from './format.ts';

type Line = readonly string[];

export const csv: Format = {
  parse(text, { delimiter = ',', header = true, columns }) {
    const lines = parse(text, {
      delimiter,
      bom: true,
      skip_empty_lines: true,
      relax_column_count: true,
    }) as Line[];
    const named = columns === undefined && header;
    const names = named ? lines[0] : columns;
    if (!names) return named ? [] : lines;
    const repeated = names.find((name, index) => names.indexOf(name) !== index);
    if (repeated !== undefined) throw new Error(`two columns are called "${repeated}"`);
    return lines.slice(named ? 1 : 0).map((line, index): JsonObject => {
      if (line.length !== names.length) {
        throw new Error(
          `record ${index + 1} has ${line.length} cells, and there are ${names.length} columns`,
        );
      }
      return Object.fromEntries(names.map((name, at) => [name, line[at] ?? '']));
    });
  },
  serialize(value, { delimiter = ',', header = true, columns }) {
    const records: readonly Json[] = Array.isArray(value) ? value : [value];
    const names = columns ?? [...new Set(records.flatMap((one) => (isObject(one) ? Object.keys(one) : [])))];
    const lines = records.map((record) => {
      if (Array.isArray(record)) return record.map(cell);
      if (!isObject(record)) throw new Error('a record must be an object or a list');
      return names.map((name) => cell(Object.hasOwn(record, name) ? (record[name] ?? null) : null));
    });
    const head = header && names.length > 0 ? [names] : [];
    return stringify([...head, ...lines], { delimiter });
  },
};

function cell(value: Json): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
