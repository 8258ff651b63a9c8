import { Type } from 'typebox';
import { defineTransformer } from '../define.ts';
import { compileKey } from '../key.ts';
import { Duration, milliseconds, Options, StorageName, Value } from '../schema.ts';
import { andThen } from '../sequence.ts';

export const storageSet = defineTransformer({
  description:
    'Writes a value into a storage. Later records see it at once; it is kept with the batch, in an outgoing with the delivery, and forgotten where the record fails.',
  options: Options({
    storage: StorageName({ description: 'Id of the file in `storages/`' }),
    key: Value({ description: 'The key: a text or a number' }),
    value: Value({ default: '&{@}', description: 'What is kept; the whole record where it is not given' }),
    ttl: Type.Optional(Duration({ description: 'How long it lives; else as the storage says' })),
  }),
  examples: [
    {
      title: 'A part of the record',
      options: { storage: 'clients', key: '&{id}', value: { name: '&{name}' } },
      given: { id: 7, name: 'Acme', inactive: false },
      made: { id: 7, name: 'Acme', inactive: false },
      stored: { clients: { '7': { name: 'Acme' } } },
    },
    {
      title: 'The whole record; a key that tells types apart',
      options: { storage: 'masters', key: 'client:&{id}' },
      given: { id: 7, name: 'Acme' },
      made: { id: 7, name: 'Acme' },
      stored: { masters: { 'client:7': { id: 7, name: 'Acme' } } },
    },
    {
      title: 'Without a key nothing can be kept',
      options: { storage: 'clients', key: '&{id}' },
      given: { name: 'Acme' },
      error: 'storage.no_key',
    },
  ],
  shape(_, check) {
    check.value(['key']);
    check.value(['value']);
    return check.record;
  },
  create({ storage, key, value, ttl }, { compile }) {
    const keyOf = compileKey(key, compile);
    const evaluate = compile.value(value);
    const options = ttl === undefined ? {} : { ttl: milliseconds(ttl) };
    return {
      transform(data, { storages, context }) {
        const kept = evaluate(data, context);
        // As everywhere, ?{…} without a value means: leave it out.
        if (kept === undefined) return data;
        return andThen(storages.get(storage).set(keyOf(data, context), kept, options), () => data);
      },
    };
  },
});
