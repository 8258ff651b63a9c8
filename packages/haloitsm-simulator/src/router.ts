import { type Method, type Operation, operations } from '@millrace/haloitsm/catalogue';

export interface Route {
  readonly operation: Operation;
  readonly parameters: Readonly<Record<string, string>>;
}

interface Node {
  readonly fixed: Map<string, Node>;
  variable?: { readonly name: string; readonly node: Node };
  operation?: Operation;
}

const newNode = (): Node => ({ fixed: new Map() });

/** Finds the operation of a concrete path, in any letter case; fixed segments win over parameters. */
export class Router {
  readonly #roots = new Map<string, Node>();

  constructor() {
    for (const operation of operations()) {
      const root = this.#roots.get(operation.method) ?? newNode();
      this.#roots.set(operation.method, root);
      let node = root;
      for (const segment of operation.path.split('/')) node = child(node, segment);
      node.operation = operation;
    }
  }

  find(method: string, path: string): Route | undefined {
    const root = this.#roots.get(method as Method);
    return root && walk(root, path.split('/').filter(Boolean), {});
  }
}

function child(node: Node, segment: string): Node {
  const name = /^\{(.+)\}$/.exec(segment)?.[1];
  if (name !== undefined) {
    node.variable ??= { name, node: newNode() };
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
  parameters: Readonly<Record<string, string>>,
): Route | undefined {
  const [segment, ...rest] = segments;
  if (segment === undefined) return node.operation && { operation: node.operation, parameters };
  const fixed = node.fixed.get(segment.toLowerCase());
  const found = fixed && walk(fixed, rest, parameters);
  if (found || !node.variable) return found;
  return walk(node.variable.node, rest, { ...parameters, [node.variable.name]: decodeURIComponent(segment) });
}
