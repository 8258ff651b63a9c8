import { Type } from 'typebox';
import type { StorageEntry } from '../contracts.ts';
import { defineSubscriber } from '../define.ts';
import { isObject, type JsonObject } from '../json.ts';
import { Options, StorageName } from '../schema.ts';
import { objectOf, scalar } from '../shapes/shape.ts';

interface Position {
  /** Key of the last entry that was read. */
  readonly after: string;
  readonly [key: string]: string;
}

export const storage = defineSubscriber({
  description:
    'Reads the entries of a storage in the order of their keys, all of them in each run. An object is the record itself, with the key of its entry as one more field; anything else is `value`.',
  options: Options({
    storage: StorageName({ description: 'Id of the file in `storages/`' }),
    prefix: Type.Optional(
      Type.String({ minLength: 1, description: 'Only entries whose key begins with it' }),
    ),
    keyAs: Type.String({
      default: 'key',
      pattern: '^(?!(?:__proto__|constructor|prototype|value)$).+$',
      description: 'Name of the field that the key goes to; one that the object has of that name gives way',
    }),
    batchSize: Type.Integer({
      default: 500,
      minimum: 1,
      maximum: 10_000,
      description: 'Records stored at a time',
    }),
  }),
  shape: ({ keyAs }) => objectOf({ [keyAs]: scalar('text') }, { rest: 'any' }),
  create({ storage: name, prefix = '', keyAs, batchSize }) {
    const entity = ({ key, value }: StorageEntry): JsonObject =>
      isObject(value) ? { ...value, [keyAs]: key } : { [keyAs]: key, value };
    return {
      async *read({ position }, { storages, signal }) {
        const from = storages.get(name);
        let after = (position as Position | undefined)?.after;
        for (;;) {
          signal.throwIfAborted();
          // Keys that begin with the prefix follow one another, and only the prefix itself may come before them.
          const itself = after === undefined && prefix !== '' ? await from.get(prefix) : undefined;
          const page = await from.entries({ after: after ?? prefix, limit: batchSize });
          const mine = page.filter(({ key }) => key.startsWith(prefix));
          const entries = itself === undefined ? mine : [{ key: prefix, value: itself }, ...mine];
          const last = entries.at(-1);
          if (last) {
            after = last.key;
            yield { entities: entries.map(entity), position: { after } };
          }
          if (page.length < batchSize || mine.length < page.length) return undefined;
        }
      },
    };
  },
});
