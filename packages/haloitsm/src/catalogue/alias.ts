import { findOperation, operations } from './catalogue.ts';
import type { Method, Operation } from './operation.ts';

interface Label {
  readonly method: Method;
  readonly pattern: RegExp;
  /** What follows the resource in the path. */
  readonly tail: string;
}

// The labels under which Alumio's connector lists operations, as a rule rather than a list.
const LABELS: readonly Label[] = [
  { method: 'GET', pattern: /^returns a list of (.+)$/i, tail: '' },
  { method: 'GET', pattern: /^returns a single (.+) object$/i, tail: '/{id}' },
  { method: 'POST', pattern: /^adds or updates one or more (.+)$/i, tail: '' },
  { method: 'DELETE', pattern: /^deletes a single (.+)$/i, tail: '/{id}' },
];

/**
 * The operation that a configuration names: a path of the catalogue, with or without leading slash and in any
 * letter case, or one of Alumio's labels, such as "Returns a single action object".
 */
export function resolveEntity(method: Method, name: string): Operation | undefined {
  const direct = findOperation(method, name.trim());
  if (direct) return direct;
  const text = name
    .trim()
    .replace(/[.…]+$/, '')
    .trim();
  for (const label of LABELS) {
    const resource = label.method === method ? label.pattern.exec(text)?.[1] : undefined;
    const segment = resource && findResource(resource);
    if (segment) return findOperation(method, segment + label.tail);
  }
  return undefined;
}

/** The first path segment that a word means: singular or plural, with or without blanks. */
function findResource(word: string): string | undefined {
  const wanted = singular(word);
  return resources().get(wanted);
}

let known: Map<string, string> | undefined;

function resources(): Map<string, string> {
  if (known) return known;
  known = new Map();
  for (const operation of operations()) {
    const segment = operation.path.split('/')[0] ?? '';
    const key = singular(segment);
    if (!known.has(key)) known.set(key, segment);
  }
  return known;
}

function singular(word: string): string {
  const plain = word.toLowerCase().replace(/[\s_-]+/g, '');
  if (/(?:ses|xes|ches|shes)$/.test(plain)) return plain.slice(0, -2);
  if (/ies$/.test(plain)) return `${plain.slice(0, -3)}y`;
  return plain.endsWith('s') && !plain.endsWith('ss') && !plain.endsWith('us') ? plain.slice(0, -1) : plain;
}
