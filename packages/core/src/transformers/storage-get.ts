import { defineTransformer } from '../define.ts';
import { compileKey } from '../key.ts';
import { parsePath, setAt } from '../paths/path.ts';
import { Options, Path, StorageName, Value } from '../schema.ts';
import { andThen } from '../sequence.ts';
import { join } from '../shapes/join.ts';
import { pathOf, recordOf, setShape } from '../shapes/places.ts';
import { UNKNOWN } from '../shapes/shape.ts';

export const storageGet = defineTransformer({
  description:
    'Sets a path to what a storage holds under a key. Where it holds nothing the record stays as it is; `lookup` can fail, drop or give a default instead.',
  options: Options({
    storage: StorageName({ description: 'Id of the file in `storages/`' }),
    key: Value({ description: 'The key: a text or a number' }),
    to: Path({ description: 'Where the value goes' }),
  }),
  examples: [
    {
      options: { storage: 'clients', key: '&{client_id}', to: 'client' },
      storages: { clients: { '7': { name: 'Acme' } } },
      given: [{ client_id: 7 }, { client_id: 8 }],
      made: [{ client_id: 7, client: { name: 'Acme' } }, { client_id: 8 }],
    },
  ],
  shape({ to }, check) {
    check.value(['key']);
    const path = pathOf(to);
    const record = recordOf(check.record);
    return path ? join(record, setShape(record, path, UNKNOWN)) : record;
  },
  create({ storage, key, to }, { compile }) {
    const keyOf = compileKey(key, compile);
    const target = parsePath(to);
    return {
      transform: (data, { storages, context }) =>
        andThen(storages.get(storage).get(keyOf(data, context)), (value) =>
          value === undefined ? data : setAt(data, target, value),
        ),
    };
  },
});
