import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import {
  type Batch,
  defineSubscriber,
  isObject,
  type Json,
  type JsonObject,
  MillraceError,
  Options,
} from '@millrace/core';
import { CsvError, parse } from 'csv-parse';
import { Type } from 'typebox';
import { type Format, formatOf } from './format.ts';

/** How many records of the file are stored, and how large the file was then. */
interface Position extends JsonObject {
  readonly records: number;
  readonly size: number;
}

export const subscriber = defineSubscriber({
  description: 'Reads the records of a file of the project, NDJSON or CSV, as a stream.',
  options: Options({
    path: Type.String({ minLength: 1, description: 'The file, relative to the project folder' }),
    format: Type.Optional(
      Type.Unsafe<Format>({
        type: 'string',
        enum: ['ndjson', 'csv'],
        description: 'Default: by the ending of the file, .csv or anything else',
      }),
    ),
    delimiter: Type.String({
      default: ',',
      minLength: 1,
      maxLength: 1,
      description: 'CSV: what separates the cells',
    }),
    columns: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description: 'CSV: names of the columns of a file without a header',
      }),
    ),
    batchSize: Type.Integer({
      default: 500,
      minimum: 1,
      maximum: 10_000,
      description: 'Records stored at a time',
    }),
  }),
  create({ path, format: given, delimiter, columns, batchSize }, { resolvePath }) {
    const format = formatOf(path, given);
    const file = resolvePath(path);
    return {
      async *read(from, { signal }) {
        const { size } = await stat(file).catch((cause: unknown) => {
          throw new MillraceError('client.not_found', `There is no file "${path}" in the project`, {
            hint: 'Put it there, or correct the path.',
            cause,
          });
        });
        const start = (from.position ?? { records: 0, size: 0 }) as Position;
        if (size < start.size) {
          throw new MillraceError('client.protocol', `"${path}" has become shorter since the run began`, {
            hint: 'Run it again: it begins anew.',
          });
        }
        const rows = format === 'csv' ? csvRows(file, path, delimiter, columns) : ndjsonRows(file, path);
        yield* batches(rows, start.records, size, batchSize, signal);
        return undefined;
      },
    };
  },
});

/** Groups rows, leaving out what a run before has stored. What was read before an error is stored first. */
async function* batches(
  rows: AsyncIterable<JsonObject>,
  skip: number,
  size: number,
  batchSize: number,
  signal: AbortSignal,
): AsyncGenerator<Batch<Position>, void> {
  let records = 0;
  let entities: JsonObject[] = [];
  let failure: unknown;
  const iterator = rows[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        failure = error;
        return { done: true as const, value: undefined };
      });
      if (next.done) break;
      records++;
      if (records <= skip) continue;
      entities.push(next.value);
      if (entities.length < batchSize) continue;
      yield { entities, position: { records, size } };
      entities = [];
      signal.throwIfAborted();
    }
    if (entities.length > 0) yield { entities, position: { records, size } };
    if (failure !== undefined) throw failure;
  } finally {
    await iterator.return?.();
  }
}

async function* ndjsonRows(file: string, path: string): AsyncGenerator<JsonObject> {
  const stream = createReadStream(file, { encoding: 'utf8' });
  let line = 0;
  try {
    for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      const trimmed = (line === 1 ? text.replace(/^\uFEFF/, '') : text).trim();
      if (trimmed === '') continue;
      let value: Json;
      try {
        value = JSON.parse(trimmed) as Json;
      } catch (cause) {
        throw unreadable(path, line, 'it is not JSON', cause);
      }
      if (!isObject(value)) throw unreadable(path, line, 'it is no JSON object', undefined);
      yield value;
    }
  } finally {
    stream.destroy();
  }
}

async function* csvRows(
  file: string,
  path: string,
  delimiter: string,
  columns: readonly string[] | undefined,
): AsyncGenerator<JsonObject> {
  const stream = createReadStream(file);
  const parser = stream.pipe(
    parse({ bom: true, delimiter, columns: columns ? [...columns] : true, skip_empty_lines: true }),
  );
  stream.on('error', (error) => parser.destroy(error));
  try {
    for await (const row of parser) yield row as JsonObject;
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw unreadable(path, Number(cause['lines'] ?? parser.info.lines), cause.message, cause);
  } finally {
    stream.destroy();
  }
}

function unreadable(path: string, line: number, why: string, cause: unknown): MillraceError {
  return new MillraceError('client.unreadable', `Line ${line} of "${path}" cannot be read: ${why}`, {
    hint: 'Correct the line, then run it again; what stands before it is stored already.',
    ...(cause !== undefined && { cause }),
  });
}
