import type { TSchema } from 'typebox';
import type { TransformerDefinition } from './define.ts';
import { isObject, type Json } from './json.ts';
import { checkOptions } from './options.ts';
import type { Registry } from './registry.ts';
import { type Role, Steps } from './schema.ts';

/** A value, rule, path, … somewhere in options, or a step of a chain that stands in them. */
export type OptionPart =
  | { readonly role: Role; readonly value: Json }
  | {
      readonly role: 'step';
      readonly name: string;
      readonly definition: TransformerDefinition | undefined;
      readonly value: Json;
      /** True where what it makes of a record stays inside a transformer around it. */
      readonly contained: boolean;
    };

type Transformers = Pick<Registry, 'transformer'>;

interface Annotated {
  readonly millrace?: Role;
  readonly millraceContained?: boolean;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly additionalProperties?: TSchema | boolean;
  readonly patternProperties?: Readonly<Record<string, TSchema>>;
  readonly items?: TSchema;
  readonly anyOf?: readonly TSchema[];
  readonly then?: TSchema;
  readonly else?: TSchema;
}

const STEPS = Steps({ description: 'Steps' });

/** Every step of a chain, and of the chains inside its steps. */
export function* walkSteps(steps: Json, registry: Transformers) {
  for (const part of walkOptions(STEPS, steps, registry)) if (part.role === 'step') yield part;
}

/** Everything in options that means something to the engine, found by their schema. */
export function* walkOptions(
  schema: TSchema,
  value: Json,
  registry: Transformers,
  contained = false,
): Generator<OptionPart> {
  const annotated = schema as Annotated;
  if (annotated.millrace) yield { role: annotated.millrace, value };
  if (annotated.millrace === 'steps') {
    yield* stepsOf(value, registry, contained || annotated.millraceContained === true);
    return;
  }
  for (const [inner, member] of childrenOf(annotated, value)) {
    yield* walkOptions(inner, member, registry, contained);
  }
}

function* stepsOf(steps: Json, registry: Transformers, contained: boolean): Generator<OptionPart> {
  if (!Array.isArray(steps)) return;
  for (const step of steps as readonly Json[]) {
    if (!isObject(step)) continue;
    for (const [name, options] of Object.entries(step)) {
      const definition = registry.transformer(name);
      yield { role: 'step', name, definition, value: options, contained };
      if (definition) yield* walkOptions(definition.options, options, registry, contained);
    }
  }
}

function* childrenOf(schema: Annotated, value: Json): Generator<readonly [TSchema, Json]> {
  if (Array.isArray(value)) {
    const items = (schema.then as Annotated | undefined)?.items ?? schema.items;
    if (items) for (const member of value as readonly Json[]) yield [items, member];
  } else if (isObject(value)) {
    const [pattern] = Object.values(schema.patternProperties ?? {});
    const fallback = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : pattern;
    for (const [key, member] of Object.entries(value)) {
      const child = schema.properties?.[key] ?? fallback;
      if (child) yield [child, member];
    }
    if (schema.else) yield [schema.else, value];
  }
  for (const choice of schema.anyOf ?? []) {
    if (checkOptions(choice, value, () => {}) !== undefined) yield [choice, value];
  }
}
