import type { Component, Registry } from '@millrace/core';
import { Duration, Options, Steps } from '@millrace/core';
import { type TSchema, Type } from 'typebox';
import { COMMON, choice, Entity, History, Retry, Schedule, Tasks, whole } from './file-options.ts';
import { Settings } from './settings-schema.ts';
import { TestSchema } from './test-schema.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** A slot for one component: an object with exactly one key, its name, that holds its options. */
function slot(kind: string, components: Readonly<Record<string, TSchema>>, description: string): TSchema {
  return Type.Unsafe({
    type: 'object',
    slot: kind,
    description,
    properties: components,
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
  });
}

/** A component's options, with the id of its client where it has one, and its description for the editor. */
function optionsOf(component: Component): TSchema {
  const { description } = component;
  if (!component.client) {
    const own = (component.options as { description?: string }).description;
    return Type.Unsafe({
      ...component.options,
      description: own === undefined ? description : `${description}\n\n${own}.`,
    });
  }
  const options = component.options as { properties?: object; required?: readonly string[] };
  return Type.Unsafe({
    ...options,
    description,
    properties: {
      client: { type: 'string', description: 'Id of the file in `clients/`' },
      ...options.properties,
    },
    required: ['client', ...(options.required ?? [])],
  });
}

function components(registry: Registry, kind: Component['kind']): Record<string, TSchema> {
  const names = registry.names(kind).flatMap((name) => {
    const component = registry.component(kind, name);
    return component ? [[name, optionsOf(component)] as const] : [];
  });
  return Object.fromEntries(names);
}

/** The one schema of all files of a project, for the checks and for editors: a definition for each kind. */
export function composeSchema(registry: Registry): JsonSchema {
  const transformers = Steps({ default: [], description: 'Transformers, in order' });
  const definitions = {
    settings: Settings,
    client: Type.Unsafe({
      ...Options(COMMON),
      slot: 'client',
      description: 'A connection to one system',
      properties: { ...COMMON, ...components(registry, 'client') },
    }),
    incoming: Options({
      ...COMMON,
      schedule: Type.Optional(Schedule),
      subscriber: Type.Optional(
        slot('subscriber', components(registry, 'subscriber'), 'What reads the records'),
      ),
      receiver: Type.Optional(
        slot(
          'receiver',
          components(registry, 'receiver'),
          'What takes records that come by themselves, at /hooks/ID of the HTTP port; beside a subscriber, or alone',
        ),
      ),
      entity: Entity,
      transformers,
    }),
    route: Options({
      ...COMMON,
      incoming: Type.String({ description: 'Id of the incoming whose records it takes' }),
      outgoing: Type.String({ description: 'Id of the outgoing that sends them' }),
      entity: Type.Optional(Entity),
      transformers,
      whileDisabled: choice(['keep', 'drop'], 'What becomes of records while it is switched off', 'keep'),
      tasks: Type.Optional(Tasks),
      history: Type.Optional(History),
    }),
    outgoing: Options({
      ...COMMON,
      transformers,
      publisher: slot('publisher', components(registry, 'publisher'), 'What sends the records'),
      batch: Type.Optional(
        Options(
          {
            size: whole(1, 1, 'Tasks in one publish call at most'),
            wait: Duration({ default: '0s', description: 'How long a call waits to fill' }),
          },
          { description: 'How many tasks go out in one publish call' },
        ),
      ),
      concurrency: Type.Integer({
        minimum: 1,
        maximum: 1000,
        default: 10,
        description: 'Publish calls in flight',
      }),
      schedule: Type.Optional(Schedule),
      retry: Type.Optional(Retry),
      onUnknown: choice(
        ['retry', 'hold'],
        'What becomes of a task of which nobody knows whether it arrived',
        'retry',
      ),
      confirmWithin: Type.Optional(
        Duration({ description: 'How long a task may wait for its confirmation before it fails' }),
      ),
    }),
    transformer: Options({
      description: COMMON.description,
      parameters: Type.Optional(
        Type.Unsafe<Record<string, unknown>>({
          type: 'object',
          propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
          additionalProperties: {
            type: 'object',
            additionalProperties: false,
            properties: {
              type: {
                type: 'string',
                enum: ['string', 'number', 'boolean', 'object', 'array', 'any'],
                description: 'What its value is',
              },
              default: { description: 'Its value where a use gives none' },
            },
          },
          description: 'Names of the parameters, with their types and defaults',
        }),
      ),
      transformers: Steps({ description: 'Transformers, in order' }),
    }),
    reference: Type.Unsafe({
      ...Options({ description: COMMON.description }),
      slot: 'reference',
      description: 'What stands for the names of a system, as millrace.lock.yaml keeps it',
      properties: { description: COMMON.description, ...components(registry, 'reference') },
    }),
    storage: Options({
      description: COMMON.description,
      ttl: Type.Optional(Duration({ description: 'How long an entry lives' })),
      maxEntries: Type.Optional(whole(1, undefined, 'How many entries it holds')),
    }),
    test: TestSchema,
    step: slot('transformer', components(registry, 'transformer'), 'One transformer'),
  };
  return withSteps({
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'millrace',
    definitions,
  }) as JsonSchema;
}

/** Plain JSON, in which every list of steps says what its members are. */
function withSteps(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withSteps);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withSteps(value)]));
  return copy['millrace'] === 'steps' ? { ...copy, items: { $ref: '#/definitions/step' } } : copy;
}
