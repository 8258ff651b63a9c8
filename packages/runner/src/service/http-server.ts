import { timingSafeEqual } from 'node:crypto';
import { MillraceError } from '@millrace/core';
import fastify, { type FastifyInstance } from 'fastify';
import { Health } from './health.ts';
import { HOOKS, registerHooks } from './hook-routes.ts';
import type { Metrics } from './metrics.ts';
import type { Service } from './service.ts';

export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  /** Without one, everything but `/health` is refused. */
  readonly token?: string;
}

const REFUSED = {
  error: 'unauthorized',
  hint: 'Send "Authorization: Bearer TOKEN" with the http.token of millrace.yaml.',
};

/** Whoever takes longer to send a request is cut off. */
const REQUEST_MS = 60_000;
/** How long answers in hand may take to go out when the port is closed. */
const CLOSE_MS = 2_000;

/**
 * The HTTP port of a runner: `/health` for anybody, `/hooks/…` for who has the secret of its receiver, the rest for who has the
 * token. Resolves with its address.
 */
export async function openHttp(
  service: Service,
  metrics: Metrics,
  settings: HttpSettings,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = fastify({ logger: false, forceCloseConnections: 'idle', requestTimeout: REQUEST_MS });
  server.addHook('onRequest', async (request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    if (path === '/health' || path.startsWith('/health/') || path.startsWith(HOOKS)) return;
    if (!isAllowed(request.headers.authorization, settings.token)) await reply.code(401).send(REFUSED);
  });
  routes(server, new Health(service), metrics);
  registerHooks(server, service, metrics);
  try {
    return {
      url: await server.listen({ host: settings.host, port: settings.port }),
      close: () => close(server),
    };
  } catch (cause) {
    throw new MillraceError(
      'call.invalid_option',
      `Port ${settings.port} of ${settings.host} cannot be opened`,
      {
        hint: 'Is another runner using it? Set http.port in millrace.yaml, or --port.',
        cause,
      },
    );
  }
}

async function close(server: FastifyInstance): Promise<void> {
  const late = setTimeout(() => server.server.closeAllConnections(), CLOSE_MS);
  await server.close();
  clearTimeout(late);
}

function routes(server: FastifyInstance, health: Health, metrics: Metrics): void {
  server.get('/health/live', async () => ({ live: true }));
  for (const path of ['/health', '/health/ready']) {
    server.get(path, async (_, reply) => {
      const report = await health.report();
      return reply.code(report.ready ? 200 : 503).send(report);
    });
  }
  server.get('/metrics', async (_, reply) => {
    const text = await metrics.registry.metrics();
    return reply.type(metrics.registry.contentType).send(text);
  });
}

function isAllowed(header: string | undefined, token: string | undefined): boolean {
  if (token === undefined || token === '') return false;
  const given = Buffer.from(header ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
