import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import type { Compiler } from '../define.ts';
import type { Report } from '../findings.ts';
import type { Json } from '../json.ts';
import { compileOnBody } from '../paging/on-body.ts';
import type { HookRequest, Received } from '../receiver.ts';
import { Duration, Expression, milliseconds, Options } from '../schema.ts';

/** The option `delivery` of a receiver: what tells one delivery from another. */
export const HookDelivery = Options(
  {
    header: Type.Optional(
      Type.String({ minLength: 1, description: 'Header with the id of the delivery, such as X-Request-Id' }),
    ),
    path: Type.Optional(Expression({ description: 'Where the id of the delivery stands in the body' })),
    body: Type.Optional(
      Type.Boolean({
        description:
          'true: the body itself is the id; only where no two deliveries that matter have the same body',
      }),
    ),
    remember: Duration({
      default: '24h',
      description:
        'How long a delivery is remembered: one of the same id is answered, and nothing is made of it',
    }),
  },
  { description: 'How a delivery that comes a second time is known' },
);

export type HookDeliverySettings = Static<typeof HookDelivery>;

export function checkHookDelivery({ header, path, body }: HookDeliverySettings, report: Report): void {
  const given = [header !== undefined, path !== undefined, body === true].filter(Boolean).length;
  if (given === 1) return;
  const message =
    given === 0 ? 'Nothing says what a delivery is known by' : 'Two ids of a delivery are given';
  const code = given === 0 ? 'config.missing_option' : 'config.invalid_value';
  report({ code, message, hint: 'Give one of header, path and body.', path: ['delivery'] });
}

/** Compiles how a delivery is known. What it makes gives nothing for one without an id. */
export function compileHookDelivery(
  settings: HookDeliverySettings,
  compile: Pick<Compiler, 'value'>,
): (request: HookRequest, body: Json) => Received['delivery'] {
  const { header, path } = settings;
  const rememberMs = milliseconds(settings.remember);
  const find = path === undefined ? undefined : compileOnBody(path, compile);
  return (request, body) => {
    if (header !== undefined) return named(request.headers[header.toLowerCase()] ?? null, rememberMs);
    if (find) return named(find(body), rememberMs);
    return { id: createHash('sha256').update(request.body).digest('hex'), rememberMs };
  };
}

function named(id: Json, rememberMs: number): Received['delivery'] {
  if (id === null || id === '') return undefined;
  return { id: typeof id === 'string' ? id : JSON.stringify(id), rememberMs };
}
