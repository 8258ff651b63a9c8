import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { empty } from './answer.ts';
import { type Call, isTokenPath, readJson } from './call.ts';
import { CONTROL, control } from './control/control.ts';
import { credentialsOf, tenantName } from './credentials.ts';
import { isSpoiled, readBody, reply, truncate } from './exchange.ts';
import type { Reaction } from './front.ts';
import { page } from './page/page.ts';
import { Query } from './query.ts';
import type { Simulator, SimulatorOptions } from './simulator.ts';
import { type Home, Tenant } from './tenant.ts';
import { refuse } from './tokens.ts';

/** A 500 on purpose takes so long where it is as slow as on a live instance. */
const SLOW_500_MS = 7000;
const MAX_TENANTS = 10;

/** The HTTP servers of the tenants, each at a port of its own: the same as a host name of its own. */
export class Host implements Home {
  readonly #tenants: readonly Tenant[];
  readonly #servers: ReadonlyMap<string, Server>;
  readonly #options: SimulatorOptions;

  constructor(options: SimulatorOptions) {
    this.#options = options;
    const count = options.tenants ?? 1;
    if (!Number.isInteger(count) || count < 1 || count > MAX_TENANTS)
      throw new RangeError(`there can be 1 to ${MAX_TENANTS} tenants, not ${count}`);
    this.#tenants = Array.from({ length: count }, (_, index) => {
      const name = tenantName(index, options.tenant ?? 'acme');
      const state = options.state !== undefined && index > 0 ? withName(options.state, name) : options.state;
      const own = { ...options, seed: (options.seed ?? 1) + index, ...(state !== undefined && { state }) };
      return new Tenant(own, credentialsOf(index, name), this);
    });
    this.#servers = new Map(this.#tenants.map((tenant) => [tenant.tenant, this.#server(tenant)]));
  }

  get tenants(): readonly Simulator[] {
    return this.#tenants;
  }

  urlOf(tenant: string): string {
    const place = this.#servers.get(tenant)?.address();
    if (!place || typeof place === 'string') throw new Error(`tenant ${tenant} listens nowhere`);
    const { address, family, port } = place;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  async listen(): Promise<void> {
    const { port = 0, host = '127.0.0.1' } = this.#options;
    try {
      for (const [index, server] of [...this.#servers.values()].entries()) {
        await new Promise<void>((resolve, reject) => {
          server.once('error', reject);
          server.listen(port === 0 ? 0 : port + index, host, resolve);
        });
      }
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.#close();
    await Promise.all(this.#tenants.map((tenant) => tenant.end()));
  }

  async #close(): Promise<void> {
    await Promise.all(
      [...this.#servers.values()].map(
        (server) =>
          new Promise((resolve) => {
            server.close(resolve);
            server.closeAllConnections();
          }),
      ),
    );
  }

  #server(tenant: Tenant): Server {
    const server = createServer((request, response) => {
      // A bug in here is a 500 as the real one answers it, and a line on stderr.
      this.#handle(tenant, request, response).catch((error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        if (!response.headersSent) reply(response, empty(500));
      });
    });
    server.keepAliveTimeout = 60_000;
    return server;
  }

  async #handle(own: Tenant, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let bytes: Buffer | 'tooLarge';
    try {
      bytes = await readBody(request);
    } catch {
      return;
    }
    if (bytes === 'tooLarge') return reply(response, { status: 413, headers: { connection: 'close' } });
    const { headers, method = 'GET' } = request;
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = url.pathname.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
    const call: Call = {
      method,
      path,
      query: url.searchParams,
      headers,
      bytes,
      value: readJson(bytes, headers),
    };
    const addressed = this.#byName(headers.host?.split(/[.:]/)[0]) ?? own;
    if (path === CONTROL || path.startsWith(`${CONTROL}/`)) {
      const told = this.#byName(call.query.get('tenant')) ?? addressed;
      return reply(response, control(told, call));
    }
    if (path === '/' && method === 'GET')
      return reply(response, page(addressed, this.#tenants, new Query(call.query)));
    await this.#answer(addressed, call, response);
  }

  /** Signing in names the tenant, at whatever address of the host; any other call is of the tenant that it addresses. */
  async #answer(addressed: Tenant, call: Call, response: ServerResponse): Promise<void> {
    const name = isTokenPath(call.path) ? call.query.get('tenant') || undefined : undefined;
    const tenant = name === undefined ? addressed : this.#byName(name);
    const isNameless = isTokenPath(call.path) && name === undefined && addressed.has('tenant-needed');
    if (tenant?.isSkewed) response.setHeader('date', new Date(tenant.now()).toUTCString());
    const latency = (tenant ?? addressed).latencyMs;
    if (latency > 0) await pause(latency);
    if (!tenant || isNameless) {
      addressed.note(call, 400);
      return reply(response, refuse(400, 'invalid_request'));
    }
    await send(response, tenant.react(call), tenant);
  }

  #byName(name: string | null | undefined): Tenant | undefined {
    return this.#tenants.find((tenant) => tenant.tenant.toLowerCase() === name?.toLowerCase());
  }
}

async function send(response: ServerResponse, { answer, fault }: Reaction, tenant: Tenant): Promise<void> {
  const kind = fault?.kind;
  // The connection stays until the caller, or the simulator, has enough.
  if (kind === 'hang') return;
  if (kind === 'slow') await pause(fault?.delayMs ?? 0);
  if (kind === '500' && tenant.has('slow-500')) await pause(SLOW_500_MS);
  if (answer.delayMs !== undefined && !(fault && isSpoiled(fault))) await pause(answer.delayMs);
  if (kind === 'reset' || kind === 'lost') response.destroy();
  else if (kind === 'truncate') truncate(response, answer);
  else reply(response, answer);
}

/** A state file of one more tenant stands beside that of the first. */
function withName(path: string, tenant: string): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}.${tenant}${extension}`;
}

/** What the command prints of a tenant: how to sign in there. */
export function signInOf({ url, tenant, clientId, clientSecret, username, password }: Simulator) {
  return { url, tenant, clientId, clientSecret, username, password };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
