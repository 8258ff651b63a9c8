import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Path } from './path.ts';

/** A node and what takes its place; undefined removes it. */
export type Change = readonly [path: Path, value: Json | undefined];

/** A tree of the changes, by the keys on the way. */
type Tree = Map<string, Tree | { readonly value: Json | undefined }>;

/** A copy in which nodes are replaced or removed, all in one pass. None of them lies below another, none is the whole. */
export function rewrite(data: JsonObject, changes: readonly Change[]): JsonObject {
  const root: Tree = new Map();
  for (const [path, value] of changes) {
    let node = root;
    for (const segment of path.slice(0, -1)) {
      const next = (node.get(segment) as Tree | undefined) ?? new Map();
      node.set(segment, next);
      node = next;
    }
    node.set(path.at(-1) ?? '', { value });
  }
  return apply(data, root) as JsonObject;
}

function apply(node: Json, tree: Tree): Json {
  const change = (child: Json, key: string): readonly [Json] | readonly [] => {
    const changed = tree.get(key);
    if (changed === undefined) return [child];
    if (changed instanceof Map) return [apply(child, changed)];
    return changed.value === undefined ? [] : [changed.value];
  };
  if (Array.isArray(node)) return node.flatMap((child: Json, index) => [...change(child, String(index))]);
  if (!isObject(node)) return node;
  const entries = Object.entries(node).flatMap(([key, child]) =>
    change(child, key).map((value) => [key, value] as const),
  );
  return Object.fromEntries(entries);
}
