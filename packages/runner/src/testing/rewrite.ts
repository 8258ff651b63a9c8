import { canonicalJson, isObject, type Json } from '@millrace/core';
import {
  Document,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  Pair,
  parseDocument,
  Scalar,
  YAMLMap,
} from 'yaml';

/** What one key of a case is to say from now on. */
export interface Change {
  /** Of the case. */
  readonly index: number;
  readonly key: 'expect' | 'expectError' | 'expectRequests';
  readonly value: Json;
}

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Longer ones are broken into lines. */
const LINE = 110;

/** Writes changes into the text of a test file: comments, order and form of everything else stay as they are. */
export function rewriteCases(text: string, changes: readonly Change[]): string {
  const document = parseDocument(text);
  const style = styleOf(text);
  const splices = changes.flatMap((change) => {
    const one = document.getIn(['cases', change.index], true);
    return isMap(one) ? [splice(one as YAMLMap<Node, Node>, change, document, text, style)] : [];
  });
  let result = text;
  for (const { start, end, text: insert } of splices.sort((a, b) => b.start - a.start))
    result = result.slice(0, start) + insert + result.slice(end);
  return result;
}

type Style = { readonly flowCollectionPadding: boolean; readonly indentSeq: boolean };

/** The habits of whoever wrote the file. */
function styleOf(text: string): Style {
  const padded = (text.match(/[{[] \S/g) ?? []).length >= (text.match(/[{[][^\s{[\]}]/g) ?? []).length;
  return { flowCollectionPadding: padded, indentSeq: !/^( *)[\w"']+:[ \t]*\n\1- /m.test(text) };
}

function splice(
  one: YAMLMap<Node, Node>,
  { key, value }: Change,
  document: Document,
  text: string,
  style: Style,
): Splice {
  const pair = one.items.find(({ key: name }) => isScalar(name) && name.value === key);
  const inline = one.flow === true;
  if (pair?.key.range && pair.value?.range) {
    const [start] = pair.key.range;
    const end = trimmed(text, start, pair.value.range[1]);
    const merged = merge(pair.value, value, document);
    if (!isCollection(pair.value) || pair.value.flow) merged.comment = null;
    return { start, end, text: render(key, merged, { text, start, inline, style }) };
  }
  const last = one.items.at(-1);
  const first = one.items[0]?.key.range?.[0] ?? 0;
  const end = trimmed(text, first, last?.value?.range?.[1] ?? last?.key.range?.[1] ?? first);
  const made = render(key, document.createNode(value) as Node, { text, start: first, inline, style });
  const before = inline ? ', ' : `\n${' '.repeat(columnOf(text, first))}`;
  const after = inline ? end : lineEnd(text, end);
  return { start: after, end: after, text: `${before}${made}` };
}

/** A comment behind a value stays with its line. */
function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

interface Place {
  readonly text: string;
  readonly start: number;
  readonly inline: boolean;
  readonly style: Style;
}

function render(key: string, value: Node, { text, start, inline, style }: Place): string {
  const column = columnOf(text, start);
  const write = () => {
    const map = new YAMLMap();
    map.flow = inline;
    map.items.push(new Pair(new Scalar(key), value));
    const written = new Document(map).toString({ lineWidth: 0, ...style }).trimEnd();
    return inline ? written.replace(/^\{\s*/, '').replace(/\s*\}$/, '') : written;
  };
  let written = write();
  if (!inline && isCollection(value) && value.flow && column + written.length > LINE) {
    breakOpen(value);
    written = write();
  }
  return written
    .split('\n')
    .join(`\n${' '.repeat(column)}`)
    .replace(/^ +$/gm, '');
}

/** A list, and its members, are written line by line. */
function breakOpen(node: Node): void {
  if (!isCollection(node)) return;
  node.flow = false;
  if (isSeq(node)) for (const item of node.items) if (isMap(item)) item.flow = false;
}

/** The node with another value: what stays equal keeps its form and its comments. */
function merge(node: Node | null, value: Json, document: Document): Node {
  if (isMap(node) && isObject(value)) {
    const map = node as YAMLMap<Node, Node>;
    map.items = map.items.filter(({ key }) => Object.hasOwn(value, nameOf(key)));
    for (const pair of map.items) pair.value = merge(pair.value, value[nameOf(pair.key)] ?? null, document);
    const known = new Set(map.items.map(({ key }) => nameOf(key)));
    for (const [key, member] of Object.entries(value)) {
      if (!known.has(key)) map.items.push(document.createPair(key, member) as unknown as Pair<Node, Node>);
    }
    return map;
  }
  if (isSeq(node) && Array.isArray(value)) {
    const items = value.map((member: Json, index) =>
      merge((node.items[index] as Node) ?? null, member, document),
    );
    node.items = items;
    return node;
  }
  if (isScalar(node) && canonicalJson(node.toJSON() as Json) === canonicalJson(value)) return node;
  const made = document.createNode(value) as Node;
  if (node?.comment) made.comment = node.comment;
  if (node?.commentBefore) made.commentBefore = node.commentBefore;
  if (node?.spaceBefore) made.spaceBefore = node.spaceBefore;
  if (isCollection(made) && isCollection(node) && node.flow) made.flow = true;
  return made;
}

function nameOf(key: Node): string {
  return isScalar(key) ? String(key.value) : '';
}

function trimmed(text: string, start: number, end: number): number {
  return start + text.slice(start, end).trimEnd().length;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}
