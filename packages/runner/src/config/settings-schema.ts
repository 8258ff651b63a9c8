import { Duration, Options, Secret } from '@millrace/core';
import { Type } from 'typebox';
import { choice, Retry, Tasks } from './file-options.ts';

/** What millrace.yaml may say. */
export const Settings = Options({
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
