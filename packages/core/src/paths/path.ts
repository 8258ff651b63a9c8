import { MillraceError } from '../errors.ts';
import { FORBIDDEN_KEYS, isObject, type Json, type JsonObject } from '../json.ts';

/** Segments of a path: keys of objects, or indexes of lists where they are all digits. */
export type Path = readonly string[];

/** A segment as it stands in the text: quoted ones are taken literally. */
export interface Segment {
  readonly text: string;
  readonly quoted: boolean;
}

/**
 * Splits a path at its dots. A segment with dots stands in double quotes, a quote inside them is doubled. The empty
 * path has no segments. Throws `config.invalid_path`.
 */
export function parseSegments(path: string): readonly Segment[] {
  if (path === '') return [];
  const segments: Segment[] = [];
  let index = 0;
  for (;;) {
    const { segment, end } = path[index] === '"' ? quoted(path, index) : plain(path, index);
    if (FORBIDDEN_KEYS.has(segment.text)) throw invalid(path, `"${segment.text}" can never be reached`);
    segments.push(segment);
    if (end === path.length) return segments;
    if (path[end] !== '.') throw invalid(path, `a dot is missing at position ${end + 1}`);
    index = end + 1;
  }
}

function plain(path: string, start: number): { segment: Segment; end: number } {
  const dot = path.indexOf('.', start);
  const end = dot === -1 ? path.length : dot;
  const text = path.slice(start, end);
  if (text === '') throw invalid(path, 'a segment is empty');
  if (text.includes('"')) throw invalid(path, 'a quotation mark stands inside a segment');
  return { segment: { text, quoted: false }, end };
}

function quoted(path: string, start: number): { segment: Segment; end: number } {
  let text = '';
  for (let index = start + 1; index < path.length; index++) {
    if (path[index] !== '"') text += path[index];
    else if (path[index + 1] === '"') {
      text += '"';
      index++;
    } else return { segment: { text, quoted: true }, end: index + 1 };
  }
  throw invalid(path, 'a quotation mark is not closed');
}

export function invalid(path: string, why: string): MillraceError {
  return new MillraceError('config.invalid_path', `"${path}" is not a path: ${why}`, {
    hint: 'Join keys and indexes with dots; put a key that holds a dot in double quotes.',
  });
}

/** Reads a path without wildcards. Throws `config.invalid_path`. */
export function parsePath(path: string): Path {
  return parseSegments(path).map((segment) => segment.text);
}

const INDEX = /^(0|[1-9]\d*)$/;

function childOf(node: Json | undefined, segment: string): Json | undefined {
  if (Array.isArray(node))
    return INDEX.test(segment) ? (node as readonly Json[])[Number(segment)] : undefined;
  return isObject(node) && Object.hasOwn(node, segment) ? node[segment] : undefined;
}

/** The node at a path; undefined where there is none. */
export function getAt(data: Json, path: Path): Json | undefined {
  let node: Json | undefined = data;
  for (const segment of path) node = childOf(node, segment);
  return node;
}

/**
 * A copy with the node at a path set. Missing objects are made, lists never (an index equal to the length appends);
 * scalars on the way are overwritten. Throws `path.conflict` where a list is in the way.
 */
export function setAt(data: JsonObject, path: Path, value: Json): JsonObject {
  const result = setNode(data, path, 0, value);
  if (!isObject(result))
    throw new MillraceError('path.conflict', 'The whole record can only be set to an object');
  return result;
}

function setNode(node: Json | undefined, path: Path, depth: number, value: Json): Json {
  const segment = path[depth];
  if (segment === undefined) return value;
  if (Array.isArray(node)) {
    const list = node as readonly Json[];
    const index = INDEX.test(segment) ? Number(segment) : -1;
    if (index < 0 || index > list.length) {
      const where = path.slice(0, depth).join('.');
      throw new MillraceError(
        'path.conflict',
        `"${path.join('.')}" cannot be set: "${where}" is a list of ${list.length}`,
        {
          hint: 'Use an index of the list, or its length to append.',
        },
      );
    }
    const copy = [...list];
    copy[index] = setNode(list[index], path, depth + 1, value);
    return copy;
  }
  const object = isObject(node) ? node : {};
  const child = Object.hasOwn(object, segment) ? object[segment] : undefined;
  return { ...object, [segment]: setNode(child, path, depth + 1, value) };
}

/** A copy without the node at a path; the same data where there is none. */
export function removeAt(data: JsonObject, path: Path): JsonObject {
  if (path.length === 0) return {};
  return getAt(data, path) === undefined ? data : (removeNode(data, path, 0) as JsonObject);
}

function removeNode(node: Json, path: Path, depth: number): Json {
  const segment = path[depth] ?? '';
  const last = depth === path.length - 1;
  if (Array.isArray(node)) {
    const list = node as readonly Json[];
    const index = Number(segment);
    if (last) return list.filter((_, position) => position !== index);
    return list.map((member, position) =>
      position === index ? removeNode(member, path, depth + 1) : member,
    );
  }
  const object = node as JsonObject;
  if (!last) return { ...object, [segment]: removeNode(object[segment] ?? null, path, depth + 1) };
  const { [segment]: _, ...rest } = object;
  return rest;
}

/** True where the path is the other one, or leads further from it. */
export function isBelow(path: Path, ancestor: Path): boolean {
  return ancestor.length <= path.length && ancestor.every((segment, index) => path[index] === segment);
}
