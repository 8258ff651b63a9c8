import {
  checkHookAuthentication,
  checkHookDelivery,
  compileHookAuthentication,
  compileHookDelivery,
  compileOnBody,
  defineReceiver,
  Expression,
  HookAuthentication,
  HookDelivery,
  type HookRequest,
  isObject,
  type Json,
  type JsonObject,
  MillraceError,
  Options,
  readHookBody,
} from '@millrace/core';
import { Type } from 'typebox';

const MEGABYTE = 1_048_576;

const WebhookOptions = Options({
  authentication: Type.Optional(HookAuthentication),
  items: Type.Optional(
    Expression({
      description:
        'Where the records are in the body. Default: the body itself, an object or a list of objects',
    }),
  ),
  headers: Type.Unsafe<Readonly<Record<string, string>>>({
    type: 'object',
    additionalProperties: { type: 'string', minLength: 1, description: 'Name of the header' },
    propertyNames: { not: { enum: ['__proto__', 'constructor', 'prototype'] } },
    default: {},
    description:
      'Headers that each record gets as fields, by names of the fields: { event: X-GitHub-Event }; null where it is missing',
  }),
  delivery: Type.Optional(HookDelivery),
  format: Type.Unsafe<'json' | 'form'>({
    type: 'string',
    enum: ['json', 'form'],
    default: 'json',
    description: 'How the body is written; the fields of a form are one record',
  }),
  method: Type.Unsafe<'POST' | 'PUT' | 'PATCH'>({
    type: 'string',
    enum: ['POST', 'PUT', 'PATCH'],
    default: 'POST',
    description: 'The method that the sender uses',
  }),
  maxBytes: Type.Integer({
    default: MEGABYTE,
    minimum: 1,
    maximum: 64 * MEGABYTE,
    description: 'A longer body is refused',
  }),
});

export const webhook = defineReceiver({
  description:
    'Takes the records that any system sends to `/hooks/INCOMING` by itself. The sender hears 2xx only after its records are stored.',
  options: WebhookOptions,
  check({ authentication, delivery }, report) {
    checkHookAuthentication(authentication, report);
    if (delivery) checkHookDelivery(delivery, report);
  },
  create(options, { compile }) {
    const { items, headers, format, method, maxBytes, delivery } = options;
    const prove = compileHookAuthentication(options.authentication ?? {});
    const find = items === undefined ? (body: Json) => body : compileOnBody(items, compile);
    const deliveryOf = delivery && compileHookDelivery(delivery, compile);
    return {
      methods: [method],
      maxBytes,
      receive(request) {
        const proof = prove(request);
        const body = readHookBody(request, format);
        const named = headersOf(request, headers);
        const entities = recordsIn(find(body), items).map((record) => ({ ...record, ...named }));
        const known = deliveryOf?.(request, body) ?? proof.delivery;
        return { entities, ...(known && { delivery: known }) };
      },
    };
  },
});

/** The records that were found: anything else than objects is an error, never "no records". */
function recordsIn(found: Json, items: string | undefined): readonly JsonObject[] {
  const list: readonly Json[] = Array.isArray(found) ? found : [found];
  return list.map((member) => {
    if (isObject(member)) return member;
    // Where the options point at it, a text or a number is a record: an id, say.
    if (items !== undefined && member !== null && !Array.isArray(member)) return { value: member };
    throw new MillraceError('hook.unreadable', 'The body holds something else where its records should be');
  });
}

function headersOf(request: HookRequest, headers: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(headers).map(([field, name]) => [field, request.headers[name.toLowerCase()] ?? null]),
  );
}
