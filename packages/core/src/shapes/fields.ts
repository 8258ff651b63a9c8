import type { Fields, Shape } from './shape.ts';

/** Fields with some set and some taken away; what lies below is asked only when it is wanted. */
export function overlay(
  base: Fields,
  set: ReadonlyMap<string, Shape>,
  removed: ReadonlySet<string> = new Set(),
): Fields {
  const has = (name: string) => set.has(name) || (!removed.has(name) && base.get(name) !== undefined);
  return {
    get: (name) => set.get(name) ?? (removed.has(name) ? undefined : base.get(name)),
    *keys() {
      yield* set.keys();
      for (const name of base.keys()) if (!set.has(name) && has(name)) yield name;
    },
    get size() {
      return [...this.keys()].length;
    },
  };
}

/** The fields of either, made when they are asked for: documents refer to themselves. */
export function joinedFields(
  a: Fields,
  b: Fields,
  join: (left: Shape | undefined, right: Shape | undefined) => Shape,
): Fields {
  const made = new Map<string, Shape>();
  return {
    get(name) {
      const known = made.get(name);
      if (known) return known;
      const [left, right] = [a.get(name), b.get(name)];
      if (!left && !right) return undefined;
      const shape = join(left, right);
      made.set(name, shape);
      return shape;
    },
    *keys() {
      yield* a.keys();
      for (const name of b.keys()) if (a.get(name) === undefined) yield name;
    },
    get size() {
      return [...this.keys()].length;
    },
  };
}

/** Fields of the same names with other shapes. */
export function mappedFields(base: Fields, change: (shape: Shape) => Shape): Fields {
  return {
    get(name) {
      const shape = base.get(name);
      return shape && change(shape);
    },
    keys: () => base.keys(),
    size: base.size,
  };
}

/** Fields that are made when they are asked for, each once. */
export function lazyFields(names: readonly string[], make: (name: string) => Shape): Fields {
  const known = new Set(names);
  const made = new Map<string, Shape>();
  return {
    get(name) {
      if (!known.has(name)) return undefined;
      const shape = made.get(name) ?? make(name);
      made.set(name, shape);
      return shape;
    },
    keys: () => known,
    size: known.size,
  };
}
