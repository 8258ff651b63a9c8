import { type Static, Type } from 'typebox';
import { defineTransformer } from '../define.ts';
import type { JsonObject } from '../json.ts';
import { isBelow, type Path, setAt } from '../paths/path.ts';
import { compilePattern, compileTarget, type Match } from '../paths/pattern.ts';
import { removeAll } from '../paths/shape.ts';
import { Options, Path as PathOption, Pattern } from '../schema.ts';

const FromTo = Options({
  from: Pattern({ description: 'A pattern of what is taken' }),
  to: PathOption({ description: 'Where it goes; `$1`… are what the wildcards matched, `$0` the whole path' }),
});
const FromToList = Type.Array(FromTo, { minItems: 1 });
const OneOrMore = Type.Unsafe<Static<typeof FromTo> | Static<typeof FromToList>>({
  type: ['object', 'array'],
  // A choice by type: only the matching form's mistakes are reported.
  if: { type: 'array' },
  then: FromToList,
  else: FromTo,
  description: 'One `{from, to}`, or a list of them',
});

type Work = (data: JsonObject) => JsonObject;

function compileOne(
  { from, to }: Static<typeof FromTo>,
  finish: (data: JsonObject, pairs: readonly (readonly [Match, Path])[]) => JsonObject,
): Work {
  const pattern = compilePattern(from);
  const target = compileTarget(to);
  return (data) => {
    const pairs = pattern.match(data).map((match) => [match, target(match)] as const);
    const set = pairs.reduce((record, [match, path]) => setAt(record, path, match.value), data);
    return finish(set, pairs);
  };
}

function all(options: Static<typeof FromTo> | Static<typeof FromToList>): readonly Static<typeof FromTo>[] {
  return Array.isArray(options) ? options : [options as Static<typeof FromTo>];
}

export const copy = defineTransformer({
  description: 'Copies what a pattern matches to other paths.',
  options: OneOrMore,
  examples: [
    {
      options: { from: 'customer.name', to: 'title' },
      given: { customer: { name: 'Acme' } },
      made: { customer: { name: 'Acme' }, title: 'Acme' },
    },
    {
      title: 'What a wildcard stood for',
      options: [{ from: 'prices.*.net', to: 'net.$1' }],
      given: { prices: { EUR: { net: 5 }, USD: { net: 6 } } },
      made: { prices: { EUR: { net: 5 }, USD: { net: 6 } }, net: { EUR: 5, USD: 6 } },
    },
  ],
  create(options) {
    const works = all(options).map((one) => compileOne(one, (data) => data));
    return { transform: (data) => works.reduce((record, work) => work(record), data) };
  },
});

/** The source goes, unless the target lies below it, or above it: then it went with what was there. */
function removeSources(data: JsonObject, pairs: readonly (readonly [Match, Path])[]): JsonObject {
  const targets = pairs.map(([, to]) => to);
  const sources = pairs
    .map(([match]) => match.path)
    .filter((source) => !targets.some((to) => isBelow(to, source) || isBelow(source, to)));
  return removeAll(data, sources);
}

export const move = defineTransformer({
  description: 'Moves what a pattern matches to other paths.',
  options: OneOrMore,
  examples: [
    {
      options: { from: 'customer.name', to: 'title' },
      given: { customer: { name: 'Acme', id: 7 } },
      made: { customer: { id: 7 }, title: 'Acme' },
    },
    {
      title: 'Several, with a wildcard',
      options: [
        { from: 'attr_*', to: 'attributes.$1' },
        { from: 'id', to: 'attributes.id' },
      ],
      given: { id: 7, attr_colour: 'red', attr_size: 'M' },
      made: { attributes: { colour: 'red', size: 'M', id: 7 } },
    },
  ],
  create(options) {
    const works = all(options).map((one) => compileOne(one, removeSources));
    return { transform: (data) => works.reduce((record, work) => work(record), data) };
  },
});
