import { Condition, MethodOption, Options, REQUEST_OPTIONS, RequestPath } from '@millrace/core';
import type { Method } from '@millrace/core/http';
import { type Static, Type } from 'typebox';
import { BundleOptions } from './bundle.ts';
import { StatusesOption } from './statuses.ts';
import { VerifyOptions } from './verify.ts';

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'] as const satisfies readonly Method[];

export const PublisherOptions = Options({
  method: MethodOption(METHODS, 'POST', 'What is done'),
  path: RequestPath({
    description: "Path below the client's address; what `&{…}` in it come to is URL-encoded",
  }),
  ...REQUEST_OPTIONS,
  statuses: StatusesOption,
  refusedWhen: Type.Optional(
    Condition({
      description:
        'A rule on {status, headers, body} of an answer of 2xx that says that the record was refused after all',
    }),
  ),
  idempotencyKey: Type.Optional(
    Type.String({
      pattern: "^[A-Za-z0-9!#$%&'*+.^_|~-]+$",
      description:
        'Header that takes a key which is the same in every attempt of a task, such as Idempotency-Key',
    }),
  ),
  bundle: Type.Optional(BundleOptions),
  verify: Type.Optional(VerifyOptions),
});

export type PublisherSettings = Static<typeof PublisherOptions>;
