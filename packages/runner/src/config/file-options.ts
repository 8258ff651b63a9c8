import { Duration, Options } from '@millrace/core';
import { type TSchema, Type } from 'typebox';

/** One of some texts. */
export const choice = (values: readonly string[], description: string, byDefault?: string): TSchema =>
  Type.Unsafe<string>({
    type: 'string',
    enum: values,
    description,
    ...(byDefault !== undefined && { default: byDefault }),
  });
/** A whole number. */
export const whole = (minimum: number, byDefault: number | undefined, description: string) =>
  Type.Integer({ minimum, description, ...(byDefault !== undefined && { default: byDefault }) });

/** What files of most kinds may say. */
export const COMMON = {
  description: Type.Optional(Type.String({ description: 'What it is for' })),
  enabled: Type.Boolean({ default: true, description: 'false switches it off' }),
};

export const Schedule = Options(
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

export const Entity = Options(
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
export const Tasks = Options(TASKS, {
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
export const Retry = Options(RETRY, {
  description: 'How often, and after which waits, a delivery that failed is tried again',
});

const HISTORY = {
  raw: choice(['failed', 'always'], 'When the record as it was read is kept', 'failed'),
  exchange: choice(['failed', 'always'], 'When request and answer are kept', 'failed'),
};
export const History = Options(HISTORY, {
  description: 'What is kept beside the data and the attempts of a task',
});
