import { type Operation, operations } from '@millrace/haloitsm/catalogue';

export interface Route {
  readonly operation: Operation;
  /** The operation's path in lower case: `actions/{id}`. */
  readonly path: string;
  /** The first segment of the path, as the catalogue writes it: what the operation is about. */
  readonly resource: string;
  readonly parameters: Readonly<Record<string, string>>;
}

// Paths that newer instances have and the vendor's document of 2025-03 has not; seen on a live one.
const NEWER: readonly Operation[] = [
  ...(['GET', 'POST', 'DELETE'] as const).map((method) => newer(method, 'CrayonDetails')),
  { ...newer('GET', 'CrayonDetails'), path: 'CrayonDetails' },
  { ...newer('GET', 'Invoice/lines'), path: 'Invoice/lines' },
  newer('POST', 'CRMNoteReply'),
];

function newer(method: Operation['method'], name: string): Operation {
  const plain = { method, path: name, pathParameters: [], query: [], pages: false };
  if (method === 'POST') return { ...plain, body: 'array' };
  return { ...plain, path: `${name}/{id}`, pathParameters: [{ name: 'id', type: 'integer' }] };
}

interface Node {
  readonly fixed: Map<string, Node>;
  variable?: { readonly names: readonly string[]; readonly node: Node };
  operation?: Operation;
}

const newNode = (): Node => ({ fixed: new Map() });

/** Finds the operation of a concrete path, in any letter case; fixed segments win over parameters. */
export class Router {
  readonly #roots = new Map<string, Node>();

  constructor() {
    for (const operation of [...operations(), ...NEWER]) {
      const root = this.#roots.get(operation.method) ?? newNode();
      this.#roots.set(operation.method, root);
      let node = root;
      for (const segment of operation.path.split('/')) node = child(node, segment);
      node.operation = operation;
    }
  }

  /** Throws a URIError where the path is not properly encoded. */
  find(method: string, path: string): Route | undefined {
    const root = this.#roots.get(method);
    const segments = path.split('/').filter(Boolean).map(decodeURIComponent);
    return root && walk(root, segments, []);
  }

  /** True where another method knows the path. */
  knows(path: string): boolean {
    return ['GET', 'POST', 'DELETE'].some((method) => this.find(method, path) !== undefined);
  }
}

function child(node: Node, segment: string): Node {
  // One segment may hold two parameters: TicketApproval/{id}&{seq}.
  const names = [...segment.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? '');
  if (names.length > 0) {
    node.variable ??= { names, node: newNode() };
    return node.variable.node;
  }
  const key = segment.toLowerCase();
  const next = node.fixed.get(key) ?? newNode();
  node.fixed.set(key, next);
  return next;
}

function walk(
  node: Node,
  segments: readonly string[],
  parameters: readonly [string, string][],
): Route | undefined {
  const [segment, ...rest] = segments;
  if (segment === undefined) {
    const { operation } = node;
    if (!operation) return undefined;
    const [resource = ''] = operation.path.split('/');
    return {
      operation,
      path: operation.path.toLowerCase(),
      resource,
      parameters: Object.fromEntries(parameters),
    };
  }
  const fixed = node.fixed.get(segment.toLowerCase());
  const found = fixed && walk(fixed, rest, parameters);
  if (found || !node.variable) return found;
  const { names, node: next } = node.variable;
  const values = names.length === 1 ? [segment] : segment.split('&');
  return walk(next, rest, [
    ...parameters,
    ...names.map((name, index): [string, string] => [name, values[index] ?? '']),
  ]);
}
