import { isCollection, isMap, isSeq, type Node, type Pair, YAMLMap, YAMLSeq } from 'yaml';

/** How somebody writes `{ a: 1 }` and `[1, 2]`: with blanks inside, or without. */
export interface FlowStyle {
  readonly map: boolean;
  readonly list: boolean;
}

/** The habits in a text; `{ a: 1 }` and `[1, 2]` where it shows none. */
export function flowStyle(text: string): FlowStyle {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  return { map: count(/\{ \S/g) >= count(/\{[^\s{}]/g), list: count(/\[ \S/g) > count(/\[[^\s[\]]/g) };
}

/** A copy of a node that is written in that style; the library knows one style for both kinds of brackets. */
export function styled<T extends Node | null>(node: T, style: FlowStyle): T {
  if (isMap(node)) {
    const map = copied(new StyledMap(style.map), node);
    map.items = node.items.map((pair) => {
      const { key, value } = pair as Pair<Node, Node | null>;
      const copy = pair.clone();
      return Object.assign(copy, { key, value: styled(value, style) });
    });
    return map as Node as T;
  }
  if (!isSeq(node)) return node;
  const list = copied(new StyledSeq(style.list), node);
  list.items = node.items.map((item) => styled(item as Node, style));
  return list as Node as T;
}

type Context = Parameters<YAMLSeq['toString']>[0];

class StyledMap extends YAMLMap {
  readonly #padded: boolean;

  constructor(padded: boolean) {
    super();
    this.#padded = padded;
  }

  override toString(context: Context, ...rest: [(() => void)?, (() => void)?]): string {
    return super.toString(padding(context, this.#padded), ...rest);
  }
}

class StyledSeq extends YAMLSeq {
  readonly #padded: boolean;

  constructor(padded: boolean) {
    super();
    this.#padded = padded;
  }

  override toString(context: Context, ...rest: [(() => void)?, (() => void)?]): string {
    return super.toString(padding(context, this.#padded), ...rest);
  }
}

function padding(context: Context, padded: boolean): Context {
  return context && { ...context, flowCollectionPadding: padded ? ' ' : '' };
}

function copied<T extends YAMLMap | YAMLSeq>(to: T, from: YAMLMap | YAMLSeq): T {
  const { flow, comment, commentBefore, spaceBefore, tag, anchor } = from;
  const known = Object.entries({ flow, comment, commentBefore, spaceBefore, tag, anchor });
  return Object.assign(to, Object.fromEntries(known.filter(([, value]) => value !== undefined)));
}

/** A list, and its members, are written line by line. */
export function breakOpen(node: Node): void {
  if (!isCollection(node)) return;
  node.flow = false;
  if (isSeq(node)) for (const item of node.items) if (isMap(item)) item.flow = false;
}
