import { isObject, type Json } from '../json.ts';
import type { Frame, Part, Run } from './jmespath-parts.ts';
import { isFalse } from './jmespath-parts.ts';
import type { Node } from './jmespath-syntax.ts';

type SliceNode = Extract<Node, { type: 'Slice' }>;

/** Reads a path of keys. Own properties only: a record never leads to a prototype. */
export function pathPart(keys: readonly string[]): Part {
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) {
    return { run: (value) => (isObject(value) && Object.hasOwn(value, only) ? (value[only] ?? null) : null) };
  }
  return {
    run: (data) => {
      let value: Json | undefined = data;
      for (const key of keys) {
        if (!isObject(value) || !Object.hasOwn(value, key)) return null;
        value = value[key];
      }
      return value ?? null;
    },
  };
}

export function indexPart(index: number): Part {
  return { run: (value) => (Array.isArray(value) ? (value.at(index) ?? null) : null) };
}

export function slicePart({ start, stop, step }: SliceNode): Part {
  const by = step ?? 1;
  return {
    run: (value) => {
      if (typeof value === 'string') return slice([...value], start, stop, by).join('');
      return Array.isArray(value) ? slice(value, start, stop, by) : null;
    },
  };
}

function slice<T>(list: readonly T[], start: number | null, stop: number | null, step: number): T[] {
  const { length } = list;
  const first = start === null ? (step < 0 ? length - 1 : 0) : within(start, length, step);
  const end = stop === null ? (step < 0 ? -1 : length) : within(stop, length, step);
  const taken: T[] = [];
  for (let index = first; step > 0 ? index < end : index > end; index += step) taken.push(list[index] as T);
  return taken;
}

function within(position: number, length: number, step: number): number {
  const index = position < 0 ? position + length : position;
  if (index < 0) return step < 0 ? -1 : 0;
  if (index >= length) return step < 0 ? length - 1 : length;
  return index;
}

/** Evaluates a part on each member of a list, or on each value of an object; nulls are left out. */
export function projectionPart(
  base: Run,
  each: Run,
  options: { readonly values?: boolean; readonly text?: boolean },
): Part {
  return {
    run: (value, frame) => {
      const found = base(value, frame);
      // A slice of a text looks like a projection, too.
      if (options.text && typeof found === 'string') return each(found, frame);
      if (options.values) return isObject(found) ? project(Object.values(found), each, frame) : null;
      return Array.isArray(found) ? project(found, each, frame) : null;
    },
  };
}

function project(members: readonly Json[], each: Run, frame: Frame): Json {
  const results: Json[] = [];
  for (const member of members) {
    const result = each(member, frame);
    if (result !== null) results.push(result);
  }
  return results;
}

export function filterPart(base: Run, condition: Run, each: Run): Part {
  return {
    run: (value, frame) => {
      const list = base(value, frame);
      if (!Array.isArray(list)) return null;
      const results: Json[] = [];
      for (const member of list as readonly Json[]) {
        if (isFalse(condition(member, frame))) continue;
        const result = each(member, frame);
        if (result !== null) results.push(result);
      }
      return results;
    },
  };
}
