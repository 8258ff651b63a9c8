import { Type } from 'typebox';
import type { RunContext } from '../contracts.ts';
import { defineTransformer } from '../define.ts';
import { MillraceError } from '../errors.ts';
import { fingerprint } from '../identity.ts';
import type { JsonObject } from '../json.ts';
import { compileKey } from '../key.ts';
import { Options, Pattern, StorageName, Value } from '../schema.ts';
import { andThen } from '../sequence.ts';

export const changed = defineTransformer({
  description:
    'Passes records that are new or changed since they passed last; the others are dropped. It remembers a fingerprint as storages remember: with the batch, in an outgoing with the delivery, and never of a record that fails.',
  options: Options({
    storage: StorageName({ description: 'Id of the file in `storages/` that remembers' }),
    key: Type.Optional(
      Value({
        description: 'What the record is known by; else its type and identifier, as the `entity` says',
      }),
    ),
    ignore: Type.Array(Pattern({ description: 'A pattern such as `*.updated_at`' }), {
      default: [],
      description: 'Patterns of what does not count as a change',
    }),
  }),
  examples: [
    {
      title: 'What was seen does not pass again until it changes',
      options: { storage: 'seen', key: '&{id}' },
      given: [
        { id: 1, name: 'Ann' },
        { id: 1, name: 'Ann' },
        { id: 1, name: 'Anna' },
        { id: 2, name: 'Ben' },
      ],
      made: [
        { id: 1, name: 'Ann' },
        { id: 1, name: 'Anna' },
        { id: 2, name: 'Ben' },
      ],
    },
    {
      title: 'A time that is always new does not count',
      options: { storage: 'seen', key: '&{id}', ignore: ['read_at'] },
      given: [
        { id: 1, read_at: '10:00' },
        { id: 1, read_at: '10:05' },
      ],
      made: { id: 1, read_at: '10:00' },
    },
  ],
  shape({ key, ignore }, check) {
    if (key !== undefined) check.value(['key']);
    for (const index of ignore.keys()) check.place(['ignore', index]);
    return check.record;
  },
  create({ storage, key, ignore }, { compile }) {
    const given = key === undefined ? undefined : compileKey(key, compile);
    return {
      transform(data, run) {
        const { storages, context } = run;
        const memory = storages.get(storage);
        const known = given ? given(data, context) : identityOf(data, run);
        const print = fingerprint(data, ignore);
        return andThen(memory.get(known), (before) => {
          // What is taken up again by command failed after it passed here, or for another route: it passes.
          if (before === print) return run.replay ? data : [];
          return andThen(memory.set(known, print), () => data);
        });
      },
    };
  },
});

function identityOf(data: JsonObject, { identify, context }: RunContext): string {
  const entity = identify?.(data) ?? context.entity;
  if (entity) return `${entity.type}/${entity.id}`;
  throw new MillraceError('storage.no_key', 'The record has no identifier to be remembered by', {
    hint: 'Give "key", or make entity.identifier name a field that every record has.',
  });
}
