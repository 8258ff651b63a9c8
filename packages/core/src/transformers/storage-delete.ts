import { defineTransformer } from '../define.ts';
import { compileKey } from '../key.ts';
import { Options, StorageName, Value } from '../schema.ts';
import { andThen } from '../sequence.ts';

export const storageDelete = defineTransformer({
  description: 'Deletes an entry of a storage; one that is not there is no error.',
  options: Options({
    storage: StorageName({ description: 'Id of the file in `storages/`' }),
    key: Value({ description: 'The key: a text or a number' }),
  }),
  examples: [
    {
      options: { storage: 'clients', key: '&{id}' },
      storages: { clients: { '7': { name: 'Acme' }, '8': { name: 'Umbra' } } },
      given: { id: 7 },
      made: { id: 7 },
      stored: { clients: { '8': { name: 'Umbra' } } },
    },
  ],
  shape(_, check) {
    check.value(['key']);
    return check.record;
  },
  create({ storage, key }, { compile }) {
    const keyOf = compileKey(key, compile);
    return {
      transform: (data, { storages, context }) =>
        andThen(storages.get(storage).delete(keyOf(data, context)), () => data),
    };
  },
});
