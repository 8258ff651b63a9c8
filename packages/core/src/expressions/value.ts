import type { Context } from '../contracts.ts';
import type { Evaluate } from '../define.ts';
import { MillraceError } from '../errors.ts';
import { FORBIDDEN_KEYS, isObject, type Json, type JsonObject } from '../json.ts';
import { compileContext } from './context.ts';
import { compileJmespath } from './jmespath.ts';
import { compileRuleValue } from './json-logic.ts';
import { parsePlaceholders, type Segment } from './placeholder.ts';
import { inside, type Scope } from './scope.ts';

/** Compiles a value into a closure. Mistakes are reported; a source without placeholders is a constant. */
export function compileValue(source: Json, scope: Scope): Evaluate {
  if (!isDynamic(source)) return () => source;
  if (typeof source === 'string') return compileText(source, scope);
  if (Array.isArray(source)) return compileList(source, scope);
  return compileObject(source as JsonObject, scope);
}

/** True where something in the source is to be evaluated, or refused. */
function isDynamic(source: Json): boolean {
  if (typeof source === 'string') return /[&?@]\{/.test(source);
  if (Array.isArray(source)) return source.some(isDynamic);
  if (!isObject(source)) return false;
  const keys = Object.keys(source);
  const reserved = keys.length === 1 && (keys[0] === 'logic' || keys[0] === 'literal');
  return reserved || keys.some((key) => FORBIDDEN_KEYS.has(key) || isDynamic(source[key] ?? null));
}

function compileList(source: readonly Json[], scope: Scope): Evaluate {
  const members = source.map((member, index) => compileValue(member, inside(scope, index)));
  return (data, context) => {
    const list: Json[] = [];
    for (const member of members) {
      const value = member(data, context);
      if (value !== undefined) list.push(value);
    }
    return list;
  };
}

function compileObject(source: JsonObject, scope: Scope): Evaluate {
  const keys = Object.keys(source);
  if (keys.length === 1 && keys[0] === 'literal') {
    const literal = source['literal'] ?? null;
    return () => literal;
  }
  if (keys.length === 1 && keys[0] === 'logic') {
    const rule = compileRuleValue(source['logic'] ?? null, inside(scope, 'logic'));
    return (data, context) => toJson(rule(data, context));
  }
  const members: [string, Evaluate][] = [];
  for (const key of keys) {
    const at = inside(scope, key);
    if (FORBIDDEN_KEYS.has(key)) {
      scope.report({
        code: 'config.invalid_path',
        message: `"${key}" cannot be a key`,
        path: at.at,
        atKey: true,
      });
    } else members.push([key, compileValue(source[key] ?? null, at)]);
  }
  return compileMembers(members);
}

/** An object of compiled values; a key whose value is undefined is left out. */
export function compileMembers(members: readonly (readonly [string, Evaluate])[]): Evaluate {
  // Two lists and a counter: an iterator and its pairs cost as much as the values themselves.
  const keys = members.map(([key]) => key);
  const values = members.map(([, evaluate]) => evaluate);
  return (data, context) => {
    const object: Record<string, Json> = {};
    for (let index = 0; index < keys.length; index++) {
      const value = values[index]?.(data, context);
      if (value !== undefined) object[keys[index] as string] = value;
    }
    return object;
  };
}

/** JSON has no NaN and no infinity; a rule that comes to one has no answer. */
function toJson(value: Json): Json {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

function compileText(source: string, scope: Scope): Evaluate {
  const segments = parsePlaceholders(source);
  if (typeof segments === 'string') {
    const message = `In "${source}", ${segments}`;
    const hint = 'Write &&{ where you mean the characters themselves.';
    scope.report({ code: 'config.invalid_placeholder', message, hint, path: scope.at });
    return () => null;
  }
  const [only] = segments;
  if (segments.length === 1 && only) return compileWhole(only, scope);
  const parts = segments.map((segment) => compilePart(segment, scope));
  return (data, context) => {
    let text = '';
    for (const part of parts) text += part(data, context);
    return text;
  };
}

/** A string that is exactly one placeholder keeps the type of its value. */
function compileWhole(segment: Segment, scope: Scope): Evaluate {
  if (segment.kind === 'text') {
    const { text } = segment;
    return () => text;
  }
  const read = compileRead(segment, scope);
  if (segment.kind === '&') return (data, context) => read(data, context) ?? null;
  if (segment.kind === '@') return (data, context) => read(data, context) ?? null;
  return (data, context) => read(data, context) ?? undefined;
}

function compilePart(segment: Segment, scope: Scope): (data: JsonObject, context: Context) => string {
  if (segment.kind === 'text') {
    const { text } = segment;
    return () => text;
  }
  const read = compileRead(segment, scope);
  const { kind, expression } = segment;
  return (data, context) => {
    const value = read(data, context) ?? null;
    if (value !== null) return typeof value === 'object' ? JSON.stringify(value) : String(value);
    if (kind === '?') return '';
    throw new MillraceError('value.missing', `"${expression}" has no value in this record`, {
      hint: `Write ?{${expression}} where it may be empty, or filter such records out before.`,
    });
  };
}

function compileRead(segment: Exclude<Segment, { kind: 'text' }>, scope: Scope): Evaluate {
  const { kind, expression } = segment;
  if (kind === '@') {
    const read = compileContext(expression, scope);
    return (_, context) => read(context);
  }
  const search = compileJmespath(expression, scope);
  return (data) => {
    try {
      return toJson(search(data));
    } catch (cause) {
      if (cause instanceof MillraceError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MillraceError(
        'value.failed',
        `"${expression}" cannot be evaluated on this record: ${reason}`,
        { cause },
      );
    }
  };
}
