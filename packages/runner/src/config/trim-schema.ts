import { isObject, type Json } from '@millrace/core';
import type { JsonSchema } from './schema.ts';

/**
 * The schema as far as these files can need it: of components that none of them names, the names are left, and nothing is
 * asked of their options. Compiling the options of every component takes most of the time of a start.
 */
export function trimSchema(schema: JsonSchema, contents: readonly Json[]): JsonSchema {
  const used = new Set<string>();
  for (const content of contents) addNames(content, used);
  return trim(schema as Json, used) as JsonSchema;
}

function addNames(content: Json, names: Set<string>): void {
  if (Array.isArray(content)) for (const member of content) addNames(member, names);
  else if (isObject(content)) {
    for (const [name, value] of Object.entries(content)) {
      names.add(name);
      addNames(value, names);
    }
  }
}

function trim(node: Json, used: ReadonlySet<string>): Json {
  if (Array.isArray(node)) return node.map((member: Json) => trim(member, used));
  if (!isObject(node)) return node;
  const isSlot = typeof node['slot'] === 'string';
  return Object.fromEntries(
    Object.entries(node).map(([name, value]) => [
      name,
      isSlot && name === 'properties' && isObject(value) ? trimSlot(value, used) : trim(value, used),
    ]),
  );
}

function trimSlot(components: Readonly<Record<string, Json>>, used: ReadonlySet<string>): Json {
  const kept = ([name, schema]: [string, Json]) =>
    // What fills in a default says something of files that do not name it.
    used.has(name) || (isObject(schema) && 'default' in schema);
  return Object.fromEntries(
    Object.entries(components).map((one) => [one[0], kept(one) ? trim(one[1], used) : {}]),
  );
}
