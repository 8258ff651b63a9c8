import { type Component, isObject, type Json, type JsonObject } from '@millrace/core';

interface OptionSchema {
  readonly type?: string | readonly string[];
  readonly pattern?: string;
  readonly millrace?: string;
  readonly enum?: readonly Json[];
  readonly default?: Json;
  readonly minimum?: number;
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly items?: OptionSchema;
}

const VARIABLE = /\$\{[^}]*\}/;

/**
 * Options for a component that is not to reach its system: where the text of a variable that is not set stands for
 * something that must have another form (a number, a duration, an address), something of that form takes its place.
 */
export function standIns(component: Component, options: JsonObject): JsonObject {
  return fill(component.options as OptionSchema, options) as JsonObject;
}

function fill(schema: OptionSchema | undefined, value: Json): Json {
  if (Array.isArray(value)) return value.map((member: Json) => fill(schema?.items, member));
  if (isObject(value)) {
    const members = Object.entries(value).map(([key, member]) => [
      key,
      fill(schema?.properties?.[key], member),
    ]);
    return Object.fromEntries(members) as JsonObject;
  }
  return typeof value === 'string' && VARIABLE.test(value) ? standIn(schema ?? {}, value) : value;
}

function standIn(schema: OptionSchema, text: string): Json {
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0] ?? text;
  const types = [schema.type ?? 'string'].flat();
  if (types.includes('boolean')) return false;
  if (types.includes('integer') || types.includes('number')) return schema.minimum ?? 1;
  if (schema.millrace === 'duration') return '30s';
  return address(schema, text);
}

/** An address that is one, its path kept: `${BASE}/v2` becomes `http://unset.invalid/v2`. */
function address({ pattern }: OptionSchema, text: string): string {
  const made = text.replace(/^\$\{[^}]*\}/, 'http://unset.invalid');
  if (
    made !== text &&
    URL.canParse(made) &&
    (pattern === undefined ? isAddress(text) : new RegExp(pattern).test(made))
  )
    return made;
  return text;
}

/** Without a pattern only what goes on as an address does, or is a variable named like one. */
function isAddress(text: string): boolean {
  return /^\$\{[^}]*(?:URL|URI|HOST|ADDRESS|ENDPOINT|BASE)[^}]*\}(?:[/:?]|$)/i.test(text);
}
