import { type Static, Type } from 'typebox';
import { defineTransformer } from '../define.ts';
import type { JsonObject } from '../json.ts';
import { isBelow, type Path, setAt } from '../paths/path.ts';
import { compilePattern, compileTarget, type Match } from '../paths/pattern.ts';
import { removeAll } from '../paths/shape.ts';
import { Options, Path as PathOption, Pattern } from '../schema.ts';
import { join } from '../shapes/join.ts';
import { changeShape, loosenShape, pathOf, recordOf, setShape, stepsOf } from '../shapes/places.ts';
import { type Shape, UNKNOWN } from '../shapes/shape.ts';
import type { ShapeCheck } from '../shapes/shape-check.ts';

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

/** What comes of a record when one thing after the other is copied; with `taken`, what each was copied from goes. */
function copiedShape(
  options: Static<typeof FromTo> | Static<typeof FromToList>,
  check: ShapeCheck,
  taken = false,
): Shape {
  return all(options).reduce<Shape>((record, { from, to }, index) => {
    const at = Array.isArray(options) ? [index, 'from'] : ['from'];
    const found = check.place(at, record);
    const source = stepsOf(from) ?? [];
    const target = pathOf(to) ?? [];
    const removed = taken ? (changeShape(record, source, () => undefined) ?? UNKNOWN) : record;
    // A source stays where the target lies below it.
    const stays =
      source.length <= target.length &&
      source.every(({ matches }, depth) => /\$/.test(target[depth] ?? '') || matches(target[depth] ?? ''));
    const left = stays ? join(record, removed) : removed;
    const variable = target.findIndex((segment) => segment.includes('$'));
    const copied =
      variable < 0 ? setShape(left, target, found) : loosenShape(left, target.slice(0, variable));
    // Where there is nothing to copy, everything stays as it is.
    return join(left, copied);
  }, recordOf(check.record));
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
  shape: (options, check) => copiedShape(options, check),
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
  shape: (options, check) => copiedShape(options, check, true),
  create(options) {
    const works = all(options).map((one) => compileOne(one, removeSources));
    return { transform: (data) => works.reduce((record, work) => work(record), data) };
  },
});
