import { type Json, Steps, usedTables } from '@millrace/core';
import type { TSchema } from 'typebox';
import type { Kind } from '../kinds.ts';
import { content, type Rule, slots } from './rule.ts';

const CHAINS: readonly Kind[] = ['incoming', 'routes', 'outgoing', 'transformers'];
const STEPS = Steps({ description: 'A chain' });
const IDENTIFIER = { type: 'string', millrace: 'expression' } as unknown as TSchema;

/**
 * Ids of the lookup tables that no option and no expression of the project names. None where it cannot be told: an
 * expression computes the name of a table, or a file is not right and may have meant one.
 */
export function unusedTables(rule: Omit<Rule, 'report'>): readonly string[] {
  const { files, broken, registry, tables } = rule;
  const unsure = CHAINS.some((kind) => {
    return broken[kind].size > 0 || [...files[kind].values()].some((file) => !file.valid);
  });
  if (unsure || tables.size === 0) return [];
  const used = new Set<string | undefined>();
  const look = (schema: TSchema, options: Json | undefined) => {
    for (const id of usedTables(schema, options ?? null, registry)) used.add(id);
  };
  for (const kind of CHAINS) {
    for (const file of files[kind].values()) {
      const { transformers, entity } = content(file);
      look(STEPS, transformers);
      for (const one of expressionsOf(entity)) look(IDENTIFIER, one);
    }
  }
  for (const { slot, name, options } of slots(rule)) {
    const definition = registry.component(slot, name);
    if (definition) look(definition.options, options);
  }
  // A reference that dangles may have meant it: then there is one mistake, not two.
  const dangling = [...used].some((id) => id === undefined || !tables.has(id));
  return dangling ? [] : [...tables.keys()].filter((id) => !used.has(id));
}

/** The expressions that identity is made of. */
function expressionsOf(entity: Json | undefined): readonly Json[] {
  const { identifier = null, version = null } = (entity ?? {}) as { identifier?: Json; version?: Json };
  return [identifier, version].flat() as readonly Json[];
}
