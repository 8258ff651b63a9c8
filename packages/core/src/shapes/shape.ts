import type { OptionPath, Report } from '../findings.ts';
import type { Json } from '../json.ts';

/** What a scalar may be. A date is a text that holds a date and time. */
export type ScalarType = 'text' | 'date' | 'integer' | 'number' | 'boolean';

/** Where in a file a value was written: what is wrong with it is reported there. */
export interface Written {
  readonly report: Report;
  readonly path: OptionPath;
}

interface Known {
  /** The value itself, where it is the same for every record. */
  readonly constant?: Json;
  /** True for a constant that comes from the environment: elsewhere it is another one. */
  readonly variable?: boolean;
  readonly written?: Written;
  /** True for an object or a list in which something was written in a file. */
  readonly touched?: boolean;
  /** True for what is left out where it has no value. */
  readonly optional?: boolean;
  /** What was written at several places, of which one holds for a record. */
  readonly either?: readonly Shape[];
}

/**
 * What is known of a value before anything runs: a lattice, with "anything" at its top and "no record comes here" at
 * its bottom. Every value but those of a closed object's missing fields may be null as well.
 */
export type Shape = UnknownShape | NothingShape | NullShape | ScalarShape | ListShape | ObjectShape;

/** Anything. */
export interface UnknownShape extends Known {
  readonly kind: 'unknown';
}

/** No record comes here. `otherwise`: what it would be if one came, so that other mistakes are found as well. */
export interface NothingShape extends Known {
  readonly kind: 'nothing';
  readonly otherwise: Shape;
}

export interface NullShape extends Known {
  readonly kind: 'null';
}

export interface ScalarShape extends Known {
  readonly kind: 'scalar';
  readonly types: ReadonlySet<ScalarType>;
  /** What a text can never be read as, such as a number where it holds letters. */
  readonly never?: ReadonlySet<ScalarType>;
}

export interface ListShape extends Known {
  readonly kind: 'list';
  readonly of: Shape;
  /** The members, where each of them is written in a file. */
  readonly members?: readonly Shape[];
}

/** Fields by name. A map is one; those of a large document make their shapes when they are asked for. */
export interface Fields {
  get(name: string): Shape | undefined;
  keys(): Iterable<string>;
  readonly size: number;
}

/**
 * Whether an object has fields that are not known. `none`: no. `rare`: hardly any; a name that looks like a slip of the
 * pen is reported. `any`: nothing can be said of other names.
 */
export type Rest = 'none' | 'rare' | 'any';

export interface ObjectShape extends Known {
  readonly kind: 'object';
  readonly fields: Fields;
  readonly rest: Rest;
  /** Names of which nothing is ever said, such as those of custom fields. */
  readonly free?: (name: string) => boolean;
  /** Fields that a step before took away. */
  readonly gone?: ReadonlySet<string>;
  /** What it is, for messages: `the rows of GET Tickets`. */
  readonly title?: string;
}

export const UNKNOWN: Shape = { kind: 'unknown' };
export const NULL: Shape = { kind: 'null', constant: null };

/** A scalar of one of some types. */
export function scalar(...types: readonly ScalarType[]): ScalarShape {
  return { kind: 'scalar', types: new Set(types) };
}

export function listOf(of: Shape): ListShape {
  return { kind: 'list', of };
}

/** An object of these fields; closed, unless more is said. */
export function objectOf(
  fields: Readonly<Record<string, Shape>> | Fields,
  more: Partial<Pick<ObjectShape, 'rest' | 'free' | 'title'>> = {},
): ObjectShape {
  const known = isFields(fields) ? fields : new Map(Object.entries(fields));
  return { kind: 'object', fields: known, rest: 'none', ...more };
}

function isFields(fields: Readonly<Record<string, Shape>> | Fields): fields is Fields {
  return typeof fields['get'] === 'function' && typeof fields['keys'] === 'function';
}

/** No record comes here. */
export function nothing(otherwise: Shape): NothingShape {
  return otherwise.kind === 'nothing' ? otherwise : { kind: 'nothing', otherwise };
}

/** What comes, or would come if anything did. */
export function assumed(shape: Shape): Shape {
  return shape.kind === 'nothing' ? shape.otherwise : shape;
}

/** A shape without what is true of one value only. */
export function plain(shape: Shape): Shape {
  const { constant: _, variable: __, written, either: ___, optional: ____, ...rest } = shape;
  const whole = rest.kind === 'object' || rest.kind === 'list';
  return whole && written ? { ...rest, touched: true } : rest;
}

/** The same shape, written at a place. */
export function writtenAt<S extends Shape>(shape: S, written: Written): S {
  return { ...shape, written };
}

const NAMES: Readonly<Record<ScalarType, string>> = {
  text: 'a text',
  date: 'a date',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

/** A shape in words: `a whole number`, `a list`. */
export function inWords(shape: Shape): string {
  switch (shape.kind) {
    case 'scalar':
      return [...shape.types].map((type) => NAMES[type]).join(' or ');
    case 'list':
      return 'a list';
    case 'object':
      return 'an object';
    case 'null':
      return 'null';
    default:
      return 'anything';
  }
}
