import {
  type Batch,
  defineSubscriber,
  type JsonObject,
  MillraceError,
  Options,
  shapes,
} from '@millrace/core';
import { Type } from 'typebox';
import { columnFault } from './csv-header.ts';
import { csvRows } from './csv-rows.ts';
import { checkFormat, checkPlace, DELIMITER, FORMAT, formatOf, PATH } from './format.ts';
import { ndjsonRows } from './ndjson-rows.ts';
import { type Place, type Position, type Row, Source } from './source.ts';

/** A batch ends when it holds so many bytes of the file, too. */
const BATCH_BYTES = 8_388_608;

export const subscriber = defineSubscriber({
  description: 'Reads the records of a file of the project, NDJSON or CSV, as a stream.',
  options: Options({
    path: PATH,
    format: FORMAT,
    delimiter: DELIMITER,
    quote: Type.String({
      default: '"',
      pattern: '^[^\\r\\n]$',
      description: 'CSV: what encloses cells that hold delimiters, one character',
    }),
    columns: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        uniqueItems: true,
        description: 'CSV: names of the columns, for a file whose first line is a record already',
      }),
    ),
    batchSize: Type.Integer({
      default: 500,
      minimum: 1,
      maximum: 10_000,
      description: 'Records stored at a time',
    }),
  }),
  check({ columns = [], ...options }, report, files) {
    checkFormat(options, report);
    checkPlace(options.path, report, files);
    const fault = columnFault(columns);
    if (fault !== undefined) report({ code: 'config.invalid_value', message: fault, path: ['columns'] });
  },
  shape({ path, format, columns }) {
    if (formatOf(path, format) !== 'csv' || !columns) return shapes.UNKNOWN;
    const fields = Object.fromEntries(columns.map((name) => [name, shapes.scalar('text')]));
    return shapes.objectOf(fields, { title: `the rows of ${path}` });
  },
  create({ path, format: given, delimiter, quote, columns, batchSize }, { resolvePath }) {
    const format = formatOf(path, given);
    if (!format) throw new MillraceError('config.missing_option', `The format of "${path}" is not known`);
    const shape = { delimiter, quote };
    // Refused when the project is compiled, not with the first run.
    resolvePath(path);
    return {
      async *read({ position }, { signal, log }) {
        signal.throwIfAborted();
        const source = await Source.open(resolvePath(path), path);
        try {
          const start = await source.resume(position, log);
          const rows = format === 'csv' ? csvRows(source, start, shape, columns) : ndjsonRows(source, start);
          yield* batches(source, start, rows, batchSize, signal);
        } finally {
          await source.close();
        }
        return undefined;
      },
    };
  },
});

/** Groups rows. What was read before an error is stored first. */
async function* batches(
  source: Source,
  start: Place,
  rows: AsyncGenerator<Row, void>,
  batchSize: number,
  signal: AbortSignal,
): AsyncGenerator<Batch<Position>, void> {
  let entities: JsonObject[] = [];
  let from = start;
  let end = start;
  const batch = async (): Promise<Batch<Position>> => ({ entities, position: await source.position(end) });
  let failure: { readonly error: unknown } | undefined;
  try {
    for (;;) {
      const next = await rows.next().catch((error: unknown) => {
        failure = { error };
        return { done: true as const, value: undefined };
      });
      if (next.done) break;
      entities.push(next.value.entity);
      end = next.value.end;
      if (entities.length < batchSize && end.offset - from.offset < BATCH_BYTES) continue;
      yield await batch();
      signal.throwIfAborted();
      entities = [];
      from = end;
    }
    if (entities.length > 0) yield await batch();
    if (failure) throw failure.error;
  } finally {
    await rows.return();
  }
}
