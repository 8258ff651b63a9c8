import {
  defineTransformer,
  isObject,
  type Json,
  type JsonObject,
  MillraceError,
  Options,
  Path,
  parsePath,
  type RunContext,
  StorageName,
  setAt,
  shapes,
  Value,
} from '@millrace/core';
import { Type } from 'typebox';
import { withPart } from './made-shapes.ts';
import { asEntry, asJson, type LinkEntry, linkKey, picked } from './writing/links.ts';
import { isSame } from './writing/same-content.ts';

export const echo = defineTransformer({
  description:
    'Drops records of which nothing changed but what we wrote ourselves, in flows that go both ways: the fields that it looks at are as they were when they were read last, or when the publisher (`link`) wrote them. It remembers with the batch, and says which record of the other side a record is.',
  options: Options({
    storage: StorageName({
      description: 'Id of the file in `storages/` that the `link` of the publishers names, too',
    }),
    side: Type.String({
      minLength: 1,
      description: 'Name of the side that the records are of, as in `link`',
    }),
    id: Value({ default: '&{id}', description: 'Id of the record on its side' }),
    fields: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description: 'Fields whose change is news: those that this side owns',
    }),
    mark: Type.Optional(
      Value({
        description:
          'Where a record made by a publisher says what it was made of, as `SIDE:ID`: it is known for ours before its link is stored',
      }),
    ),
    to: Path({
      default: 'link',
      description:
        'Gets `{ids, changed}`: the ids on other sides by their names, and the fields that changed',
    }),
  }),
  examples: [
    {
      title: 'What did not change since it was read or written is dropped',
      options: { storage: 'links', side: 'right', fields: ['status_id'] },
      storages: { links: { 'right:93': { ids: { left: '17' }, fields: { status_id: 1 } } } },
      given: [
        { id: 93, status_id: 1, summary: 'written by us' },
        { id: 93, status_id: 2, summary: 'written by us' },
      ],
      made: {
        id: 93,
        status_id: 2,
        summary: 'written by us',
        link: { ids: { left: '17' }, changed: ['status_id'] },
      },
      stored: { links: { 'right:93': { ids: { left: '17' }, fields: { status_id: 2 } } } },
    },
    {
      title: 'A record that was made by us, whose link is not stored yet',
      options: { storage: 'links', side: 'right', fields: ['status_id'], mark: '&{supplier_reference}' },
      given: { id: 94, status_id: 1, supplier_reference: 'left:18' },
      made: {
        id: 94,
        status_id: 1,
        supplier_reference: 'left:18',
        link: { ids: { left: '18' }, changed: ['status_id'] },
      },
      stored: {
        links: {
          'left:18': { ids: { right: '94' } },
          'right:94': { ids: { left: '18' }, fields: { status_id: 1 } },
        },
      },
    },
  ],
  check({ to }, report) {
    try {
      parsePath(to);
    } catch (error) {
      report({ code: 'config.invalid_path', message: (error as Error).message, path: ['to'] });
    }
  },
  shape({ fields, to }, check) {
    check.value(['id']);
    check.value(['mark']);
    for (const [index, name] of fields.entries()) check.field(name, ['fields', index]);
    return withPart(check.record, to, shapes.UNKNOWN);
  },
  create({ storage, side, id, fields, mark, to }, { compile }) {
    const idOf = compile.value(id);
    const markOf = mark === undefined ? undefined : compile.value(mark);
    const place = parsePath(to);

    const learned = async (entry: LinkEntry, own: string | number, data: JsonObject, run: RunContext) => {
      const origin = originOf(markOf?.(data, run.context), side);
      if (!origin || entry.ids[origin.side] !== undefined) return entry;
      const memory = run.storages.get(storage);
      const key = linkKey(origin.side, origin.id);
      const other = asEntry(await memory.get(key));
      if (other.ids[side] === undefined)
        await memory.set(key, asJson({ ...other, ids: { ...other.ids, [side]: String(own) } }));
      return { ...entry, ids: { ...entry.ids, [origin.side]: origin.id } };
    };

    return {
      async transform(data, run) {
        const own = idOf(data, run.context);
        if ((typeof own !== 'string' && typeof own !== 'number') || own === '')
          throw new MillraceError('storage.no_key', 'The record has no id on its side', {
            hint: 'Let "id" name a field that every record has.',
          });
        const memory = run.storages.get(storage);
        const before = asEntry(await memory.get(linkKey(side, own)));
        const entry = await learned(before, own, data, run);
        const now = picked(data, fields);
        const changed = fields.filter((name) => !seen(entry.fields, name, now[name] ?? null));
        // What is taken up again by command was seen when it passed before: it passes.
        if (changed.length === 0 && !run.replay) return [];
        await memory.set(linkKey(side, own), asJson({ ...entry, fields: now }));
        return setAt(data, place, { ids: entry.ids, changed }) as JsonObject;
      },
    };
  },
});

function seen(fields: JsonObject | undefined, name: string, value: Json): boolean {
  return fields !== undefined && Object.hasOwn(fields, name) && isSame(fields[name] ?? null, value);
}

/** `left:17` on another side than this one. */
function originOf(
  mark: Json | undefined,
  side: string,
): { readonly side: string; readonly id: string } | undefined {
  if (typeof mark !== 'string' || isObject(mark)) return undefined;
  const colon = mark.indexOf(':');
  const [origin, id] = [mark.slice(0, colon), mark.slice(colon + 1)];
  return colon > 0 && id !== '' && origin !== side ? { side: origin, id } : undefined;
}
