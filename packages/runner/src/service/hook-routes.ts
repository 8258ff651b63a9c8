import type { IncomingMessage } from 'node:http';
import { type HookRequest, MillraceError, toMillraceError } from '@millrace/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HookLane } from './hook-lane.ts';
import { accepted, type HookReply, refused } from './hook-reply.ts';
import type { Metrics } from './metrics.ts';
import type { Service } from './service.ts';

export const HOOKS = '/hooks/';
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
/** A refusal is logged when it is the first of its kind for so long: somebody who tries keys must not fill the log. */
const QUIET_MS = 10_000;

/** `/hooks/INCOMING`: each receiver's own secret lets in, not the token of the port. */
export function registerHooks(server: FastifyInstance, service: Service, metrics: Metrics): void {
  const refusals = new Refusals(service);
  server.register(async (scope) => {
    // The body is read by hand: only the receiver says how much of it, and signatures are made over its bytes.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const since = performance.now();
      const lane = service.lane((request.params as { '*': string })['*']);
      const receivedAt = service.engine.clock.now();
      const told = await answer(lane, request, receivedAt).catch((error: unknown) => {
        refusals.note(lane, error);
        return refused(error, lane?.methods);
      });
      metrics.hookAnswered(lane?.incoming.id, told.outcome, (performance.now() - since) / 1000, told.records);
      return send(reply, told);
    };
    scope.route({ method: [...METHODS], url: `${HOOKS}*`, exposeHeadRoute: false, handler });
  });
}

async function answer(
  lane: HookLane | undefined,
  request: FastifyRequest,
  receivedAt: number,
): Promise<HookReply> {
  if (!lane) throw new MillraceError('hook.unknown', 'Nothing receives at this address');
  const { methods } = lane;
  if (!methods.includes(request.method))
    throw new MillraceError('hook.method', `The method must be ${methods.join(' or ')}`);
  lane.admit();
  const body = await readBody(request.raw, lane.maxBytes);
  return accepted(await lane.take({ ...headOf(request), body, receivedAt }));
}

function headOf(request: FastifyRequest): Pick<HookRequest, 'method' | 'query' | 'headers'> {
  const texts = (values: object, join: (value: readonly string[]) => string) =>
    Object.fromEntries(
      Object.entries(values as Record<string, string | readonly string[] | undefined>).map(
        ([name, value]) => [name, typeof value === 'string' ? value : join(value ?? [])],
      ),
    );
  return {
    method: request.method,
    headers: texts(request.headers, (values) => values.join(', ')),
    query: texts(request.query as object, (values) => values.at(-1) ?? ''),
  };
}

/** The whole body. Rejects with `hook.too_large` as soon as that is known; what is left is not read. */
function readBody(message: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new MillraceError('hook.too_large', `The body must not be longer than ${maxBytes} bytes`);
  if (Number(message.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= maxBytes) return;
      message.off('data', take);
      message.pause();
      reject(tooLarge());
    };
    message.on('data', take);
    message.once('end', () => resolve(Buffer.concat(chunks)));
    message.once('error', reject);
    message.once('close', () => reject(new MillraceError('hook.unreadable', 'The body broke off')));
  });
}

function send(reply: FastifyReply, { status, headers, body }: HookReply): FastifyReply {
  const isText = typeof body === 'string';
  return reply
    .code(status)
    .headers({ ...headers, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    .type(isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8')
    .send(isText ? body : JSON.stringify(body));
}

/** Tells the log what was refused, and how often since it was told last. */
class Refusals {
  readonly #service: Service;
  readonly #told = new Map<string, { at: number; since: number }>();

  constructor(service: Service) {
    this.#service = service;
  }

  note(lane: HookLane | undefined, thrown: unknown): void {
    // Whoever looks for addresses is not worth a line.
    if (!lane) return;
    const error = toMillraceError(thrown);
    const { clock, logger, mask } = this.#service.engine;
    const now = clock.now();
    const key = `${lane.incoming.id} ${error.code}`;
    const told = this.#told.get(key) ?? { at: Number.NEGATIVE_INFINITY, since: 0 };
    told.since++;
    this.#told.set(key, told);
    if (now - told.at < QUIET_MS) return;
    const facts = { incoming: lane.incoming.id, code: error.code, times: told.since };
    const isOurs = !error.code.startsWith('hook.') || error.code === 'hook.failed';
    if (isOurs) logger.error({ ...facts, err: error }, 'a webhook could not be taken');
    else logger.warn({ ...facts, reason: mask.text(error.message) }, 'a webhook was refused');
    told.at = now;
    told.since = 0;
  }
}
