import {
  definePublisher,
  type JsonObject,
  type Message,
  Options,
  type Outcome,
  type RunContext,
  toMillraceError,
  Value,
} from '@millrace/core';
import { Type } from 'typebox';
import { AppendFile } from './append-file.ts';
import { asRecord, type Format, formatOf } from './format.ts';

const choice = <T extends string>(values: readonly T[], description: string) =>
  Type.Unsafe<T>({ type: 'string', enum: values, description });

export const publisher = definePublisher({
  description: 'Appends records to a file of the project, as lines of NDJSON or CSV: whole, and each once.',
  options: Options({
    path: Type.String({ minLength: 1, description: 'The file, relative to the project folder' }),
    format: Type.Optional(
      choice<Format>(['ndjson', 'csv'], 'Default: by the ending of the file, .csv or anything else'),
    ),
    record: Value({ default: '&{@}', description: 'What is written, evaluated on the record' }),
    columns: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        uniqueItems: true,
        description:
          'CSV: columns in order. Default: the header of the file, or the keys of the first record',
      }),
    ),
    delimiter: Type.String({
      default: ',',
      minLength: 1,
      maxLength: 1,
      description: 'CSV: what separates the cells',
    }),
    rotate: Type.Unsafe<'none' | 'run' | 'day'>({
      type: 'string',
      enum: ['none', 'run', 'day'],
      default: 'none',
      description: 'A file for each run, or for each day (UTC, of the start of the run)',
    }),
    sync: Type.Boolean({ default: true, description: 'Wait until the disk has it' }),
  }),
  create({ path, format: given, record, columns, delimiter, rotate, sync }, { compile, resolvePath }) {
    const format = formatOf(path, given);
    const evaluate = compile.value(record);
    const files = new Map<string, AppendFile>();
    // Refused when the project is compiled, not with the first task.
    resolvePath(path);

    const fileOf = (run: RunContext): AppendFile => {
      const name = rotated(path, rotate, run);
      let file = files.get(name);
      if (!file) {
        file = new AppendFile(resolvePath(name), { format, delimiter, sync, ...(columns && { columns }) });
        files.set(name, file);
      }
      return file;
    };

    const write = async (message: Message, run: RunContext): Promise<Outcome> => {
      if (run.signal.aborted)
        return { status: 'retry', error: toMillraceError(run.signal.reason, 'run.cancelled') };
      try {
        await fileOf(run).append(
          message.taskId,
          asRecord(evaluate(message.data as JsonObject, run.context), format),
        );
        return { status: 'delivered' };
      } catch (thrown) {
        const error = toMillraceError(thrown, 'client.unavailable');
        if (error.kind === 'entity') return { status: 'rejected', error };
        // A full disk or a missing right may have let a part of the append through: the journal knows.
        return { status: 'unknown', error };
      }
    };
    return {
      publish: (messages, run) => Promise.all(messages.map((message) => write(message, run))),
      verify: async (message, run) => ((await fileOf(run).holds(message.taskId)) ? 'delivered' : 'absent'),
    };
  },
});

/** The run id or the day goes before the ending: tickets-2026-11-24.csv. */
function rotated(path: string, rotate: 'none' | 'run' | 'day', run: RunContext): string {
  if (rotate === 'none') return path;
  const mark = rotate === 'run' ? run.context.run.id : run.context.run.startedAt.slice(0, 10);
  return path.replace(/(\.[^./\\]*)?$/, (ending) => `-${mark}${ending}`);
}
