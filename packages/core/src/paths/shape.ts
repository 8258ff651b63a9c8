import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Path } from './path.ts';
import { removeAt } from './path.ts';
import type { Match, Pattern } from './pattern.ts';

function matches(data: JsonObject, patterns: readonly Pattern[]): readonly Match[] {
  return patterns.flatMap((pattern) => pattern.match(data));
}

/** A copy without the nodes that the patterns match. */
export function without(data: JsonObject, patterns: readonly Pattern[]): JsonObject {
  const paths = matches(data, patterns).map((match) => match.path);
  return removeAll(data, paths);
}

/** Removes several nodes; later members of a list first, so that the indexes of earlier ones stay true. */
export function removeAll(data: JsonObject, paths: readonly Path[]): JsonObject {
  const ordered = [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()].sort(backwards);
  return ordered.reduce((rest, path) => removeAt(rest, path), data);
}

function backwards(a: Path, b: Path): number {
  for (let depth = 0; depth < Math.min(a.length, b.length); depth++) {
    const [left = '', right = ''] = [a[depth], b[depth]];
    if (left === right) continue;
    const [leftIndex, rightIndex] = [Number(left), Number(right)];
    if (Number.isInteger(leftIndex) && Number.isInteger(rightIndex)) return rightIndex - leftIndex;
    return left < right ? 1 : -1;
  }
  return b.length - a.length;
}

/** A tree of the paths to keep; `true` keeps all that is below. */
type Kept = Map<string, Kept> | true;

/** A copy with only the nodes that the patterns match, each in its place; members of lists move up. */
export function only(data: JsonObject, patterns: readonly Pattern[]): JsonObject {
  const root = new Map<string, Kept>();
  for (const { path } of matches(data, patterns)) {
    if (path.length === 0) return data;
    plant(root, path);
  }
  return cut(data, root) as JsonObject;
}

function plant(root: Map<string, Kept>, path: Path): void {
  let node = root;
  for (const segment of path.slice(0, -1)) {
    const next = node.get(segment) ?? new Map<string, Kept>();
    if (next === true) return;
    node.set(segment, next);
    node = next;
  }
  node.set(path.at(-1) ?? '', true);
}

function cut(node: Json, kept: Kept): Json {
  if (kept === true) return node;
  if (Array.isArray(node)) {
    return (node as readonly Json[]).flatMap((member, index) => {
      const below = kept.get(String(index));
      return below ? [cut(member, below)] : [];
    });
  }
  if (!isObject(node)) return node;
  const entries = Object.entries(node).flatMap(([key, child]) => {
    const below = kept.get(key);
    return below ? [[key, cut(child, below)] as const] : [];
  });
  return Object.fromEntries(entries);
}
