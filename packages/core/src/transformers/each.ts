import { Type } from 'typebox';
import { atNode } from '../chain.ts';
import type { RunContext } from '../contracts.ts';
import { defineTransformer } from '../define.ts';
import { MillraceError } from '../errors.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { compilePattern, type Match } from '../paths/pattern.ts';
import { type Change, rewrite } from '../paths/rewrite.ts';
import { Condition, Options, Pattern, Steps, Values } from '../schema.ts';
import { andThen, inOrder } from '../sequence.ts';
import { join } from '../shapes/join.ts';
import { withValues } from '../shapes/merged.ts';
import { changeShape, nodeRecord, recordOf, stepsOf } from '../shapes/places.ts';
import { type Shape, UNKNOWN } from '../shapes/shape.ts';

export const each = defineTransformer({
  description:
    'Runs steps on each node that the pattern matches, as if it were a record. A node that the steps drop is removed; one of which they make several is an error. A node that is no object is `{value}` inside, and is itself again where only `value` is left.',
  options: Options({
    at: Pattern({ description: 'A pattern such as `lines.*`' }),
    when: Type.Optional(
      Condition({ description: 'A rule on the node: where it is false, the node stays as it is' }),
    ),
    keep: Type.Optional(Values({ description: 'Values of the whole record that each node is given' })),
    do: Steps({ description: 'Transformers for each node', default: [], contained: true }),
  }),
  examples: [
    {
      title: 'Lines of an order, with the currency of the order; lines without a quantity go',
      options: {
        at: 'lines.*',
        keep: { currency: '&{currency}' },
        do: [
          { filter: { '>': [{ var: 'qty' }, 0] } },
          { set: { total: { logic: { '*': [{ var: 'qty' }, { var: 'price' }] } } } },
        ],
      },
      given: {
        currency: 'EUR',
        lines: [
          { qty: 2, price: 5 },
          { qty: 0, price: 9 },
        ],
      },
      made: { currency: 'EUR', lines: [{ qty: 2, price: 5, currency: 'EUR', total: 10 }] },
    },
    {
      title: 'Nodes that are no objects',
      options: {
        at: 'tags.*',
        when: { '!=': [{ var: 'value' }, 'VIP'] },
        do: [{ set: { value: '&{lower(value)}' } }],
      },
      given: { tags: ['Printer', 'VIP'] },
      made: { tags: ['printer', 'VIP'] },
    },
    {
      title: 'A node cannot become several',
      options: { at: 'lines.*', do: [{ branch: { at: 'parts.*' } }] },
      given: { lines: [{ parts: [{ n: 1 }, { n: 2 }] }] },
      error: 'node.many_records',
    },
  ],
  shape({ at, when, keep }, check) {
    const node = check.place(['at']);
    const record = nodeRecord(node);
    const consequences = { whenTrue: 'it can be left out', whenFalse: 'the steps never run' };
    const applies = when === undefined ? true : check.condition(['when'], consequences, record);
    const made = check.steps(['do'], keep ? withValues(record, check.value(['keep'])) : record);
    const change = (before: Shape) => {
      const after = made.kind === 'nothing' ? undefined : unwrappedShape(before, made);
      return applies === true || !after ? after : join(before, after);
    };
    if (applies === false) return check.record;
    if (made.kind === 'nothing' && applies === undefined) return check.record;
    const pattern = stepsOf(at) ?? [];
    if (pattern.length === 0) return applies === true ? made : join(check.record, made);
    return changeShape(recordOf(check.record), pattern, change) ?? UNKNOWN;
  },
  create(options, { compile }) {
    const pattern = compilePattern(options.at);
    const when = options.when === undefined ? () => true : compile.condition(options.when);
    const carried = compile.object(options.keep ?? {});
    const chain = compile.chain(options.do, 'do');

    const work = (match: Match, values: JsonObject, run: RunContext) => {
      const node = isObject(match.value) ? match.value : { value: match.value };
      if (!when(node, run.context)) return [match.path, match.value] as const;
      const place = match.path.join('.');
      try {
        const made = chain({ ...node, ...values }, run);
        const done = andThen(made, (records): Change => [match.path, unwrap(match.value, records)]);
        return done instanceof Promise ? done.catch((error) => Promise.reject(atNode(error, place))) : done;
      } catch (error) {
        throw atNode(error, place);
      }
    };
    return {
      transform(data, run) {
        const matches = pattern.match(data);
        if (matches.length === 0) return data;
        const values = carried(data, run.context) as JsonObject;
        const changes = inOrder(matches, (match): Change | Promise<Change> => work(match, values, run));
        return andThen(changes, (all) => (pattern.length === 0 ? whole(all) : rewrite(data, all)));
      },
    };
  },
});

/** The node that came of a node; undefined where it was dropped. */
function unwrap(node: Json, records: readonly JsonObject[]): Json | undefined {
  if (records.length > 1) {
    throw new MillraceError('node.many_records', `The steps made ${records.length} records of one node`, {
      hint: 'Let the steps leave one; `branch` outside of `each` makes records of nodes.',
    });
  }
  const [record] = records;
  if (record === undefined || isObject(node)) return record;
  const keys = Object.keys(record);
  return keys.length === 1 && keys[0] === 'value' ? record['value'] : record;
}

/** A node that is no object is itself again where only `value` is left of it. */
function unwrappedShape(node: Shape, made: Shape): Shape {
  if (node.kind === 'object') return made;
  const alone = made.kind === 'object' && made.rest === 'none' && made.fields.size === 1;
  return (alone && node.kind === 'scalar' ? made.fields.get('value') : undefined) ?? UNKNOWN;
}

/** The empty pattern matches the record itself. */
function whole(changes: readonly Change[]): JsonObject | readonly JsonObject[] {
  const value = changes[0]?.[1];
  return isObject(value) ? value : [];
}
