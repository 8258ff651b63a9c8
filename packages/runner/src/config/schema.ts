import type { Component, Registry } from '@millrace/core';
import { Duration, Options, Secret, Steps } from '@millrace/core';
import { type TSchema, Type } from 'typebox';
import { TestSchema } from './test-schema.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

const choice = (values: readonly string[], description: string, byDefault?: string): TSchema =>
  Type.Unsafe<string>({
    type: 'string',
    enum: values,
    description,
    ...(byDefault !== undefined && { default: byDefault }),
  });
const whole = (minimum: number, byDefault: number | undefined, description: string) =>
  Type.Integer({ minimum, description, ...(byDefault !== undefined && { default: byDefault }) });

const COMMON = {
  description: Type.Optional(Type.String({ description: 'What it is for' })),
  enabled: Type.Boolean({ default: true, description: 'false switches it off' }),
};

const Schedule = Options(
  {
    cron: Type.String({ description: 'When to run: minute hour day month weekday' }),
    timezone: Type.Optional(
      Type.String({ description: 'IANA time zone of the expression, such as Europe/Amsterdam' }),
    ),
    overlap: choice(['skip', 'queue', 'cancel'], 'What to do when the run before is not done', 'skip'),
    catchUp: choice(['none', 'last', 'all'], 'Which fires to make up for after a downtime', 'last'),
  },
  { description: 'When it runs by itself under `millrace start`' },
);

const Entity = Options(
  {
    type: Type.String({ minLength: 1, description: 'What the records are, such as ticket' }),
    identifier: Type.Unsafe<string | string[]>({
      type: ['string', 'array'],
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      minLength: 1,
      description: 'JMESPath of what identifies a record; the values of a list are joined with ":"',
    }),
    version: Type.Optional(
      Type.Unsafe<string>({
        type: 'string',
        minLength: 1,
        millrace: 'expression',
        description:
          'JMESPath of what grows with each change, such as last_update: a record that is older than one that became a task is no news',
      }),
    ),
  },
  { description: 'What a record is known by' },
);

// Defaults of these two come from millrace.yaml first, and are filled in when the project is put together.
const TASKS = {
  unchanged: Type.Optional(
    choice(['skip', 'send'], 'What to do with records that are as they were delivered'),
  ),
  ignore: Type.Optional(
    Type.Array(Type.Unsafe<string>({ type: 'string', millrace: 'pattern' }), {
      description: 'Patterns of what does not count as a change',
    }),
  ),
  supersede: Type.Optional(
    Type.Boolean({
      description: 'true: a newer task takes older queued ones of its entity out of the queue',
    }),
  ),
  backpressure: Type.Optional(whole(1, undefined, 'Waiting tasks above which the incoming pauses')),
  priority: Type.Optional(
    Type.Integer({
      minimum: -100,
      maximum: 100,
      description: 'Tasks of routes with a higher one go first to their outgoing; 0 where it is not given',
    }),
  ),
  concurrency: Type.Optional(whole(1, undefined, 'Publish calls of this route in flight at most')),
  keep: Type.Optional(
    Options(
      {
        days: Type.Optional(
          Type.Number({ exclusiveMinimum: 0, description: 'Days that ended tasks are kept' }),
        ),
        count: Type.Optional(whole(1, undefined, 'How many ended tasks are kept')),
      },
      { description: 'How long tasks that ended are kept' },
    ),
  ),
};
const Tasks = Options(TASKS, {
  description: 'What becomes of records that are unchanged, superseded, waiting, ended',
});

const RETRY = {
  attempts: Type.Optional(whole(1, undefined, 'Attempts in all')),
  backoff: Type.Optional(choice(['exponential', 'constant'], 'How the wait grows')),
  initial: Type.Optional(Duration({ description: 'The first wait' })),
  max: Type.Optional(Duration({ description: 'The longest wait' })),
  jitter: Type.Optional(choice(['full', 'none'], 'full: a random part of the wait')),
  pattern: Type.Optional(Type.String({ description: 'Waits by number of failures instead: "1:5s;3:1m"' })),
};
const Retry = Options(RETRY, {
  description: 'How often, and after which waits, a delivery that failed is tried again',
});

const HISTORY = {
  raw: choice(['failed', 'always'], 'When the record as it was read is kept', 'failed'),
  exchange: choice(['failed', 'always'], 'When request and answer are kept', 'failed'),
};
const History = Options(HISTORY, { description: 'What is kept beside the data and the attempts of a task' });

const Settings = Options({
  plugins: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    description: 'npm packages of further plugins',
  }),
  store: Type.String({
    default: 'sqlite:.millrace/millrace.db',
    description: 'Where runs and tasks live: sqlite:PATH',
  }),
  log: Type.Optional(
    Options(
      { level: choice(['debug', 'info', 'warn', 'error', 'silent'], 'What is logged', 'info') },
      { description: 'What the logs say' },
    ),
  ),
  http: Type.Optional(
    Options(
      {
        host: Type.String({ default: '127.0.0.1', description: 'Address of the HTTP port' }),
        port: Type.Integer({ default: 0, minimum: 0, maximum: 65535, description: 'Its number; 0 is off' }),
        token: Type.Optional(Secret({ description: 'What callers must present' })),
      },
      { description: 'The HTTP port of `millrace start`: health, metrics, webhooks' },
    ),
  ),
  minFreeDisk: Type.Integer({
    default: 200,
    minimum: 0,
    description: 'Megabytes that must be free on the disk of the store; below, nothing more is read',
  }),
  tasks: Type.Optional(Tasks),
  retry: Type.Optional(Retry),
  notify: Type.Optional(
    Type.Array(
      Options({
        on: Type.Array(choice(['failed', 'unbalanced', 'stale'], 'Events'), {
          minItems: 1,
          description:
            'Events: tasks that failed, runs whose books do not balance, incomings without a finished run',
        }),
        webhook: Type.String({ pattern: '^https?://', description: 'Address that is told' }),
        after: Type.Optional(Duration({ description: 'How long something must last' })),
      }),
      { description: 'Who is told when something goes wrong' },
    ),
  ),
});

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
