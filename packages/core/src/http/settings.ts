import { type Static, Type } from 'typebox';
import { Duration, milliseconds, Options } from '../schema.ts';
import type { HttpOptions } from './http-client.ts';

/** The option `limit` of a client. */
export const LimitOption = Type.Optional(
  Type.String({
    pattern: '^[1-9]\\d*/\\d+(ms|s|m|h|d)$',
    description: 'Requests that the instance allows in a time, such as 500/180s',
  }),
);

/** The option `timeout` of a client. */
export const Timeout = Type.Optional(
  Options(
    {
      connect: Duration({ default: '10s', description: 'To connect' }),
      response: Duration({ default: '60s', description: 'To the first byte of an answer' }),
      total: Duration({ default: '120s', description: 'To its last byte' }),
    },
    { description: 'How long a request may take' },
  ),
);

/** The option `concurrency` of a client. */
export const Concurrency = Type.Integer({
  minimum: 1,
  maximum: 100,
  default: 10,
  description: 'Requests in flight at a time',
});

interface ConnectionSettings {
  readonly timeout?: Static<typeof Timeout>;
  readonly concurrency: number;
}

/** What `createHttp` takes of these options; the limit belongs to the address that it counts for. */
export function connectionSettings({
  timeout,
  concurrency,
}: ConnectionSettings): Pick<HttpOptions, 'timeout' | 'concurrency'> {
  if (!timeout) return { concurrency };
  const { connect, response, total } = timeout;
  return {
    concurrency,
    timeout: {
      connect: milliseconds(connect),
      response: milliseconds(response),
      total: milliseconds(total),
    },
  };
}
