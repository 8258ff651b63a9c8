import type { TSchema } from 'typebox';
import type { OptionPath } from '../findings.ts';
import { isObject, type Json } from '../json.ts';
import type { Role } from '../schema.ts';
import { UNKNOWN } from './shape.ts';
import type { ShapeCheck } from './shape-check.ts';

type Annotated = TSchema & {
  readonly millrace?: Role;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly additionalProperties?: TSchema | boolean;
  readonly items?: TSchema;
};

const CONSEQUENCES = { whenTrue: 'it can be left out', whenFalse: 'what it is for never happens' };

/**
 * Looks at the values, conditions and steps in the options of a component that says nothing of shapes: on what they are
 * evaluated is not known, but a condition may be constant all the same.
 */
export function visitOptions(schema: TSchema, value: Json, check: ShapeCheck, at: OptionPath = []): void {
  const { millrace, properties, additionalProperties, items } = schema as Annotated;
  if (millrace === 'value') return void check.value(at, UNKNOWN);
  if (millrace === 'condition') return void check.condition(at, CONSEQUENCES, UNKNOWN);
  if (millrace === 'steps') return void check.steps(at, UNKNOWN);
  if (Array.isArray(value) && items) {
    for (const [index, member] of (value as readonly Json[]).entries())
      visitOptions(items, member, check, [...at, index]);
  }
  if (!isObject(value)) return;
  for (const [key, member] of Object.entries(value)) {
    const child =
      properties?.[key] ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
    if (child) visitOptions(child, member, check, [...at, key]);
  }
}
