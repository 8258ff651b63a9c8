import { basename, dirname, join } from 'node:path';
import {
  definePublisher,
  type Message,
  MillraceError,
  Options,
  type Outcome,
  type RunContext,
  toMillraceError,
  Value,
} from '@millrace/core';
import { Type } from 'typebox';
import { Appender } from './appender.ts';
import { columnFault } from './csv-header.ts';
import { checkFormat, checkPlace, DELIMITER, FORMAT, formatOf, PATH } from './format.ts';
import { asRecord } from './lines.ts';

type Rotation = 'none' | 'run' | 'day';

export const publisher = definePublisher({
  description: 'Appends records to a file of the project, as lines of NDJSON or CSV: whole, and each once.',
  options: Options({
    path: PATH,
    format: FORMAT,
    record: Value({ default: '&{@}', description: 'What is written, evaluated on the record' }),
    columns: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        uniqueItems: true,
        description: 'CSV: the columns of a new file, in order. Default: the keys of the first record',
      }),
    ),
    delimiter: DELIMITER,
    rotate: Type.Unsafe<Rotation>({
      type: 'string',
      enum: ['none', 'run', 'day'],
      default: 'none',
      description: 'A file for each run, or for each day (UTC); its id or date goes before the ending',
    }),
    sync: Type.Boolean({
      default: true,
      description: 'Wait until the disk has it: nothing is lost when the power fails, either',
    }),
  }),
  check({ columns = [], ...options }, report, files) {
    checkFormat(options, report);
    checkPlace(options.path, report, files);
    const fault = columnFault(columns);
    if (fault !== undefined) report({ code: 'config.invalid_value', message: fault, path: ['columns'] });
  },
  shape({ columns = [] }, check) {
    const record = check.value(['record']);
    for (const [index, column] of columns.entries()) check.field(column, ['columns', index], record);
  },
  create({ path, format: given, record, columns, delimiter, rotate, sync }, { compile, log, resolvePath }) {
    const format = formatOf(path, given);
    if (!format) throw new MillraceError('config.missing_option', `The format of "${path}" is not known`);
    const evaluate = compile.value(record);
    const shape = { format, delimiter, sync, ...(columns && { columns }) };
    const appender = new Appender(resolvePath(path), shape, log);
    let last = { name: '', path: '' };
    const pathOf = (name: string): string => {
      if (last.name !== name) last = { name, path: resolvePath(name) };
      return last.path;
    };

    const write = async (message: Message, run: RunContext): Promise<Outcome> => {
      const { taskId, data, entity, attempt, runId } = message;
      try {
        const context = { ...run.context, entity, task: { id: taskId }, attempt };
        const wanted = asRecord(evaluate(data, context), format === 'csv');
        const name = rotated(path, rotate, runId);
        const result = await appender.append(taskId, wanted, pathOf(name), run.signal);
        if (result.status !== 'delivered') return result;
        return { status: 'delivered', response: { file: name, ...result.place } };
      } catch (thrown) {
        const error = toMillraceError(thrown);
        return { status: error.kind === 'entity' ? 'rejected' : 'failed', error };
      }
    };
    return {
      publish: (messages, run) => Promise.all(messages.map((message) => write(message, run))),
      verify: ({ taskId }) => appender.holds(taskId),
    };
  },
});

/** The run's id or today's date goes before the ending: tickets-2026-11-24.csv. */
function rotated(path: string, rotate: Rotation, runId: string): string {
  if (rotate === 'none') return path;
  const mark = rotate === 'run' ? runId : new Date().toISOString().slice(0, 10);
  const name = basename(path);
  const dot = name.lastIndexOf('.');
  const marked = dot > 0 ? `${name.slice(0, dot)}-${mark}${name.slice(dot)}` : `${name}-${mark}`;
  return join(dirname(path), marked);
}
