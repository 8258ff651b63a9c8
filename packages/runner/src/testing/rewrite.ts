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
import { breakOpen, type FlowStyle, flowStyle, styled } from './flow-style.ts';

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
  const writer = new CaseWriter(text);
  const splices = changes.flatMap((change) => writer.splice(change) ?? []);
  let result = text;
  for (const { start, end, text: insert } of splices.sort((a, b) => b.start - a.start))
    result = result.slice(0, start) + insert + result.slice(end);
  return result;
}

class CaseWriter {
  readonly #text: string;
  readonly #document: Document;
  readonly #style: FlowStyle;
  readonly #indentSeq: boolean;

  constructor(text: string) {
    this.#text = text;
    this.#document = parseDocument(text);
    this.#style = flowStyle(text);
    this.#indentSeq = !/^( *)[\w"']+:[ \t]*\n\1- /m.test(text);
  }

  splice({ index, key, value }: Change): Splice | undefined {
    const one = this.#document.getIn(['cases', index], true);
    if (!isMap(one)) return undefined;
    const { items, flow = false } = one as YAMLMap<Node, Node>;
    const pair = items.find(({ key: name }) => isScalar(name) && name.value === key);
    if (!pair?.key.range || !pair.value?.range) return this.#insert(items, key, value, flow);
    if (canonicalJson(pair.value.toJSON() as Json) === canonicalJson(value)) return undefined;
    const [start] = pair.key.range;
    const end = this.#trimmed(start, pair.value.range[1]);
    const collection = isCollection(pair.value) && !pair.value.flow;
    const merged = this.#merge(pair.value, value);
    // What stands behind the value in its line stays there.
    if (!collection) merged.comment = null;
    return { start, end, text: this.#render(key, merged, start, flow) };
  }

  /** A new key goes behind the last one, and behind the comment in its line. */
  #insert(items: readonly Pair<Node, Node>[], key: Change['key'], value: Json, flow: boolean): Splice {
    const first = items[0]?.key.range?.[0] ?? 0;
    const last = items.at(-1);
    const end = this.#trimmed(first, last?.value?.range?.[1] ?? last?.key.range?.[1] ?? first);
    const made = this.#render(key, this.#document.createNode(value) as Node, first, flow);
    if (flow) return { start: end, end, text: `, ${made}` };
    const newline = this.#text.indexOf('\n', end);
    const at = newline < 0 ? this.#text.length : newline;
    return { start: at, end: at, text: `\n${' '.repeat(this.#columnOf(first))}${made}` };
  }

  /** `key: value` as it stands at a place of the text; in one line where it is inside of braces. */
  #render(key: string, value: Node, start: number, flow: boolean): string {
    const column = this.#columnOf(start);
    let written = this.#write(key, value, flow);
    if (!flow && isCollection(value) && value.flow && column + written.length > LINE) {
      breakOpen(value);
      written = this.#write(key, value, flow);
    }
    const [head = '', ...lines] = written.split('\n');
    return [head, ...lines.map((line) => (line === '' ? '' : ' '.repeat(column) + line))].join('\n');
  }

  #write(key: string, value: Node, flow: boolean): string {
    const map = new YAMLMap();
    map.flow = flow;
    map.items.push(new Pair(new Scalar(key), styled(value, this.#style)));
    const written = new Document(map).toString({ lineWidth: 0, indentSeq: this.#indentSeq });
    return flow ? written.trim().slice(1, -1).trim() : written.replace(/\n$/, '');
  }

  /** The node with another value: what stays equal keeps its form and its comments. */
  #merge(node: Node | null, value: Json): Node {
    if (isMap(node) && isObject(value)) {
      const map = node as YAMLMap<Node, Node>;
      map.items = map.items.filter(({ key }) => Object.hasOwn(value, nameOf(key)));
      for (const pair of map.items) pair.value = this.#merge(pair.value, value[nameOf(pair.key)] ?? null);
      const known = new Set(map.items.map(({ key }) => nameOf(key)));
      for (const [key, member] of Object.entries(value)) {
        if (!known.has(key))
          map.items.push(this.#document.createPair(key, member) as unknown as Pair<Node, Node>);
      }
      return map;
    }
    if (isSeq(node) && Array.isArray(value)) {
      node.items = value.map((member: Json, index) =>
        this.#merge((node.items[index] as Node) ?? null, member),
      );
      return node;
    }
    if (isScalar(node) && canonicalJson(node.toJSON() as Json) === canonicalJson(value)) return node;
    const made = this.#document.createNode(value) as Node;
    if (node?.comment) made.comment = node.comment;
    if (node?.commentBefore) made.commentBefore = node.commentBefore;
    if (node?.spaceBefore) made.spaceBefore = node.spaceBefore;
    if (isCollection(made) && isCollection(node) && node.flow) made.flow = true;
    return made;
  }

  #trimmed(start: number, end: number): number {
    return start + this.#text.slice(start, end).trimEnd().length;
  }

  #columnOf(offset: number): number {
    return offset - (this.#text.lastIndexOf('\n', offset - 1) + 1);
  }
}

function nameOf(key: Node): string {
  return isScalar(key) ? String(key.value) : '';
}
