import { Type } from 'typebox';
import type { MaybePromise, RunContext } from '../contracts.ts';
import { type Compiler, defineTransformer } from '../define.ts';
import { MillraceError } from '../errors.ts';
import { type Json, keyText } from '../json.ts';
import { parsePath, setAt } from '../paths/path.ts';
import { Options, Path, StorageName, TableName, Value } from '../schema.ts';
import { andThen } from '../sequence.ts';
import { join } from '../shapes/join.ts';
import { pathOf, recordOf, setShape } from '../shapes/places.ts';
import { UNKNOWN } from '../shapes/shape.ts';

const ON_MISSING = ['fail', 'drop', 'default'] as const;
type OnMissing = (typeof ON_MISSING)[number];

export const lookup = defineTransformer({
  description:
    'Sets a path to what a lookup table or a storage holds under a key. Keys compare as texts; null is no key, and finds nothing.',
  options: Options({
    table: Type.Optional(
      TableName({
        description: 'Id of the file in `lookups/`, or a table of one in `references/`; or `storage`',
      }),
    ),
    storage: Type.Optional(StorageName({ description: 'Id of the file in `storages/`; or `table`' })),
    key: Value({ description: 'The key' }),
    to: Path({ description: 'Where what is found goes' }),
    default: Type.Optional(Value({ description: 'What goes there where nothing is found' })),
    onMissing: Type.Optional(
      Type.Unsafe<OnMissing>({
        type: 'string',
        enum: ON_MISSING,
        description:
          'What becomes of a record for which nothing is found: it fails (`lookup.missing`), is dropped, or gets the default. Without it, the default where there is one, else it fails',
      }),
    ),
  }),
  examples: [
    {
      title: 'A number finds the text',
      options: { table: 'priorities', key: '&{priority_id}', to: 'priority' },
      tables: { priorities: { '1': 'high', '2': 'low' } },
      given: { priority_id: 2 },
      made: { priority_id: 2, priority: 'low' },
    },
    {
      title: 'Nothing is found',
      options: { table: 'priorities', key: '&{priority_id}', to: 'priority' },
      tables: { priorities: { '1': 'high' } },
      given: { priority_id: 9 },
      error: 'lookup.missing',
    },
    {
      title: 'A default',
      options: { table: 'priorities', key: '&{priority_id}', to: 'priority', default: 'normal' },
      tables: { priorities: { '1': 'high' } },
      given: { priority_id: 9 },
      made: { priority_id: 9, priority: 'normal' },
    },
    {
      title: 'Out of a storage; what is not there is dropped',
      options: { storage: 'clients', key: '&{client_id}', to: 'client', onMissing: 'drop' },
      storages: { clients: { '7': { name: 'Acme' } } },
      given: [{ client_id: 7 }, { client_id: 8 }],
      made: { client_id: 7, client: { name: 'Acme' } },
    },
  ],
  check({ table, storage, default: fallback, onMissing }, report) {
    if (table === undefined && storage === undefined) {
      const message = 'It is not said where to look';
      report({ code: 'config.missing_option', message, hint: 'Add "table" or "storage".', path: [] });
    }
    if (table !== undefined && storage !== undefined) {
      const message = 'Only one of "table" and "storage" can be looked into';
      report({ code: 'config.invalid_value', message, hint: 'Remove one.', path: ['storage'], atKey: true });
    }
    if (onMissing === 'default' && fallback === undefined) {
      const message = 'There is no default';
      report({ code: 'config.missing_option', message, hint: 'Add "default".', path: ['onMissing'] });
    }
    if (onMissing !== undefined && onMissing !== 'default' && fallback !== undefined) {
      const message = `The default is never used: onMissing is ${onMissing}`;
      report({ code: 'config.invalid_value', message, hint: 'Remove one.', path: ['default'], atKey: true });
    }
  },
  shape({ table, to, default: fallback }, check) {
    check.value(['key']);
    const found = table === undefined ? UNKNOWN : check.table(table);
    const otherwise = fallback === undefined ? undefined : check.value(['default']);
    const path = pathOf(to);
    const record = recordOf(check.record);
    if (!path) return record;
    const made = setShape(record, path, otherwise ? join(found, otherwise) : found);
    return otherwise?.optional ? join(record, made) : made;
  },
  create(options, { compile }) {
    const key = compile.value(options.key);
    const target = parsePath(options.to);
    const find = finder(options, compile);
    const fallback = options.default === undefined ? undefined : compile.value(options.default);
    const { onMissing = fallback ? 'default' : 'fail' } = options;
    return {
      transform(data, run) {
        const text = keyText(key(data, run.context));
        return andThen(text === undefined ? undefined : find(text, run), (found) => {
          if (found !== undefined) return setAt(data, target, found);
          if (onMissing === 'drop') return [];
          if (onMissing === 'fail') throw missing(text, options);
          const value = fallback?.(data, run.context);
          return value === undefined ? data : setAt(data, target, value);
        });
      },
    };
  },
});

interface Where {
  readonly table?: string;
  readonly storage?: string;
}

function finder({ table, storage }: Where, compile: Compiler) {
  if (table !== undefined) {
    const entries = compile.table(table);
    return (key: string): MaybePromise<Json | undefined> => entries.get(key);
  }
  return (key: string, { storages }: RunContext): MaybePromise<Json | undefined> =>
    storages.get(storage ?? '').get(key);
}

function missing(key: string | undefined, { table, storage }: Where): MillraceError {
  const where = table === undefined ? `the storage "${storage}"` : `the lookup table "${table}"`;
  const message =
    key === undefined
      ? `The record has no key for ${where}`
      : `${JSON.stringify(key.slice(0, 100))} is not in ${where}`;
  return new MillraceError('lookup.missing', message, {
    hint: 'Add it, or say with "default" or "onMissing" what becomes of such records.',
    data: { ...(table === undefined ? { storage: storage ?? '' } : { table }), key: key ?? null },
  });
}
