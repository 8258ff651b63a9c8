import type { Json } from '../json.ts';
import { assumed, inWords, type ScalarShape, type ScalarType, type Shape } from './shape.ts';

/** A comparison that comes out the same for every record, and why. */
export interface Verdict {
  readonly truth: boolean;
  readonly why: string;
  readonly hint: string;
}

const EQUAL = new Set(['==', '===']);
const UNEQUAL = new Set(['!=', '!==']);
const ORDER = new Set(['<', '<=', '>', '>=']);

/** A side of a comparison, and how the file writes it. */
export interface Side {
  readonly shape: Shape;
  readonly label: string;
}

/**
 * What a comparison comes to whatever the record holds, because one side can never be what the other one is. Nothing is
 * said of texts that can be read as numbers: JSON Logic compares `"9"` and `9` as equal.
 */
export function verdictOf(operator: string, sides: readonly Side[]): Verdict | undefined {
  const [left, right] = sides;
  if (!left || !right || sides.length > 2) return undefined;
  if (operator === 'in') return inVerdict(left, right);
  const clash = clashOf(left, right) ?? clashOf(right, left);
  if (!clash) return undefined;
  if (EQUAL.has(operator)) return { truth: false, ...clash };
  // Null counts as 0 where order is asked for: only beside words is nothing ever more or less.
  const words = [left, right].some(({ shape }) => typeof shape.constant === 'string');
  if (ORDER.has(operator) && words) return { truth: false, ...clash };
  return UNEQUAL.has(operator) ? { truth: true, ...clash } : undefined;
}

type Clash = Omit<Verdict, 'truth'>;

function clashOf(field: Side, literal: Side): Clash | undefined {
  const shape = assumed(field.shape);
  const { constant, variable } = literal.shape;
  if (shape.kind !== 'scalar' || shape.constant !== undefined || constant === undefined || variable)
    return undefined;
  return isImpossible(shape.types, constant) ? clash(field.label, shape, constant) : undefined;
}

function clash(label: string, shape: ScalarShape, constant: Json): Clash {
  const name = label === '' ? 'what is compared' : `"${label}"`;
  const boolean = shape.types.has('boolean') && shape.types.size === 1;
  const hint = boolean
    ? 'Compare it with true or false, without quotation marks.'
    : `Compare it with ${inWords(shape)}.`;
  return { why: `${name} is ${inWords(shape)}, never ${JSON.stringify(constant)}`, hint };
}

const NUMERIC = new Set<ScalarType>(['integer', 'number', 'boolean']);

function isImpossible(types: ReadonlySet<ScalarType>, constant: Json): boolean {
  const all = (wanted: ReadonlySet<ScalarType>) => [...types].every((type) => wanted.has(type));
  if (typeof constant === 'string') return all(NUMERIC) && isWords(constant);
  if (typeof constant === 'number' || typeof constant === 'boolean') return all(new Set(['date']));
  return false;
}

/** True for a text that can be read neither as a number nor, where it is empty, as nothing. */
export function isWords(text: string): boolean {
  return text.trim() !== '' && Number.isNaN(Number(text));
}

function inVerdict(needle: Side, hay: Side): Verdict | undefined {
  const list = assumed(hay.shape);
  if (list.kind === 'scalar' && [...list.types].every((type) => NUMERIC.has(type)) && !list.variable) {
    const name = hay.label === '' ? 'The second argument of "in"' : `"${hay.label}"`;
    const why = `${name} is ${inWords(list)}, neither a list nor a text`;
    return {
      truth: false,
      why,
      hint: 'First what is looked for, then where: { in: [{ var: id }, [1, 2]] }.',
    };
  }
  const { constant, variable } = hay.shape;
  const shape = assumed(needle.shape);
  if (shape.kind !== 'scalar' || shape.constant !== undefined || !Array.isArray(constant) || variable)
    return undefined;
  const members = constant as readonly Json[];
  const [first] = members;
  if (first === undefined || !members.every((member) => isImpossible(shape.types, member))) return undefined;
  return { truth: false, ...clash(needle.label, shape, first) };
}

/** Comparisons of one field with two constants, of which never both hold (`and`), or always one does (`or`). */
export function contradiction(operator: 'and' | 'or', parts: readonly Json[]): string | undefined {
  const wanted = operator === 'and' ? EQUAL : UNEQUAL;
  const seen = new Map<string, Json>();
  for (const part of parts) {
    const pair = comparisonOf(part, wanted);
    if (!pair) continue;
    const other = seen.get(pair.name);
    // Loosely, as the operator compares: 1 and "1" are no contradiction.
    if (other !== undefined && String(other) !== String(pair.value)) return pair.name;
    seen.set(pair.name, pair.value);
  }
  return undefined;
}

function comparisonOf(
  rule: Json,
  operators: ReadonlySet<string>,
): { readonly name: string; readonly value: Json } | undefined {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) return undefined;
  const [[operator, args] = []] = Object.entries(rule);
  if (operator === undefined || !operators.has(operator) || !Array.isArray(args) || args.length !== 2)
    return undefined;
  const [left, right] = args as readonly Json[];
  const name = varName(left ?? null) ?? varName(right ?? null);
  const value = varName(left ?? null) === undefined ? left : right;
  const literal = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return name !== undefined && literal ? { name, value } : undefined;
}

/** The field that `{var: name}` reads, where it is a plain one. */
export function varName(rule: Json): string | undefined {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) return undefined;
  const keys = Object.keys(rule);
  const given = 'var' in rule && keys.length === 1 ? rule['var'] : undefined;
  const path = Array.isArray(given) && given.length === 1 ? (given[0] as Json) : given;
  return typeof path === 'string' ? path : undefined;
}
