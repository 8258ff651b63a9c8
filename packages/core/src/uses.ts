import { compile } from '@jmespath-community/jmespath';
import type { TSchema } from 'typebox';
import { parsePlaceholders } from './expressions/placeholder.ts';
import { isObject, type Json } from './json.ts';
import type { Registry } from './registry.ts';
import { walkOptions, walkSteps } from './walk-options.ts';

type Transformers = Pick<Registry, 'transformer'>;

/** The ids that a chain reaches through `use`, in any depth of its steps. */
export function usedTransformers(steps: readonly Json[], registry: Transformers): readonly string[] {
  return [...walkSteps(steps, registry)].flatMap(({ name, value }) => {
    const id = name === 'use' && isObject(value) ? value['transformer'] : undefined;
    return typeof id === 'string' ? [id] : [];
  });
}

/** True where a chain can make several records of one. */
export function splitsRecords(
  steps: Json,
  registry: Transformers,
  saved: (id: string) => readonly Json[] | undefined,
  seen: ReadonlySet<string> = new Set(),
): boolean {
  return [...walkSteps(steps, registry)].some(({ name, definition, value, contained }) => {
    if (contained) return false;
    if (definition?.splits) return true;
    const id = name === 'use' && isObject(value) ? value['transformer'] : undefined;
    if (typeof id !== 'string' || seen.has(id)) return false;
    return splitsRecords([...(saved(id) ?? [])], registry, saved, new Set([...seen, id]));
  });
}

/** The clients that options name, such as those of the `request` steps in them. What `use` names is not followed. */
export function usedClients(schema: TSchema, options: Json, registry: Transformers): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { role, value } of walkOptions(schema, options, registry)) {
    if (role === 'client' && typeof value === 'string') found.add(value);
  }
  return found;
}

/**
 * The lookup tables that options name: in an option of their own, or as the first argument of the function `lookup` in
 * any expression or rule. Undefined among them where an expression computes the name: then it may be any.
 */
export function usedTables(
  schema: TSchema,
  options: Json,
  registry: Transformers,
): ReadonlySet<string | undefined> {
  const found = new Set<string | undefined>();
  for (const { role, value } of walkOptions(schema, options, registry)) {
    if (role === 'table' && typeof value === 'string') found.add(value);
    else if (role === 'expression' && typeof value === 'string') inExpression(value, found);
    else if (role === 'condition') inRule(value, found);
    else if (role === 'value') inValue(value, found);
  }
  return found;
}

type Found = Set<string | undefined>;

function inValue(source: Json, found: Found): void {
  if (typeof source === 'string') {
    const segments = parsePlaceholders(source);
    if (typeof segments === 'string') return;
    for (const segment of segments) {
      if (segment.kind === '&' || segment.kind === '?') inExpression(segment.expression, found);
    }
  } else if (Array.isArray(source)) {
    for (const member of source as readonly Json[]) inValue(member, found);
  } else if (isObject(source)) {
    const keys = Object.keys(source);
    if (keys.length === 1 && keys[0] === 'logic') inRule(source['logic'] ?? null, found);
    else if (keys.length !== 1 || keys[0] !== 'literal') {
      for (const member of Object.values(source)) inValue(member, found);
    }
  }
}

function inRule(rule: Json, found: Found): void {
  if (Array.isArray(rule)) for (const member of rule as readonly Json[]) inRule(member, found);
  if (!isObject(rule)) return;
  for (const [operator, given] of Object.entries(rule)) {
    if (operator === 'lookup') {
      const first = Array.isArray(given) ? (given as readonly Json[])[0] : given;
      found.add(typeof first === 'string' ? first : undefined);
    }
    inRule(given, found);
  }
}

interface Node {
  readonly type?: string;
  readonly name?: string;
  readonly value?: unknown;
  readonly children?: readonly Node[];
}

function inExpression(expression: string, found: Found): void {
  let root: unknown;
  try {
    root = compile(expression, { enable_legacy_literals: true });
  } catch {
    // It is no expression: another check says so.
    return;
  }
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, name, children = [] } = node as Node;
    if (type === 'Function' && name === 'lookup') {
      const [first] = children;
      found.add(first?.type === 'Literal' && typeof first.value === 'string' ? first.value : undefined);
    }
    if (type !== 'Literal') for (const child of Object.values(node)) visit(child);
  };
  visit(root);
}
