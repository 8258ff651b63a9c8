import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, empty, json } from './answer.ts';
import { Api } from './api.ts';
import type { Json, JsonObject } from './data/json.ts';
import { Records } from './data/records.ts';
import { seed } from './data/seed.ts';
import { type Fault, type FaultRates, Faults, type PlannedFault, parseFaults } from './faults.ts';
import { Journal, type JournalEntry } from './journal.ts';
import { RateLimit, type RateLimitRule } from './rate-limit.ts';
import { type Route, Router } from './router.ts';
import { StateFile } from './state.ts';
import { type Credentials, Tokens } from './tokens.ts';

export interface SimulatorOptions {
  readonly port?: number;
  readonly host?: string;
  /** How many tickets the seeded service desk has. Default 1000. */
  readonly tickets?: number;
  readonly seed?: number;
  /** Rows of a page at most, whatever is asked for. Default 100, as the real API. */
  readonly pageCap?: number;
  /** Default off. */
  readonly rateLimit?: RateLimitRule | 'off';
  readonly faults?: FaultRates;
  /** Seconds. Default 3600. */
  readonly tokenLifetime?: number;
  /** Milliseconds before every answer. Default 0. */
  readonly latency?: number;
  /** File in which the records outlive the process. */
  readonly state?: string;
  readonly tenant?: string;
}

export interface Simulator extends Credentials {
  readonly url: string;
  journal(): readonly JournalEntry[];
  clearJournal(): void;
  /** The records of a resource as they are now. */
  records(resource: string): readonly JsonObject[];
  /** Makes the next matching calls fail. */
  failNext(plan: PlannedFault): void;
  setFaults(rates: FaultRates): void;
  expireTokens(): void;
  stop(): Promise<void>;
}

/** Starts a simulated HaloITSM instance on a loopback port of its own. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const instance = new Instance(options);
  await instance.listen();
  return instance;
}

class Instance implements Simulator {
  readonly tenant: string;
  readonly clientId = '7c3d6a52-9f0b-4b7e-8f6e-51a1c0ffee01';
  readonly clientSecret = '2f1c9f4e-aa10-4f7c-9c58-0d6f5d1b7a33-b5d20f6e-7a44-4f0e-8a39-6c1f2e3d4b5a';
  readonly username = 'integration';
  readonly password = 'correct-horse-battery';
  readonly #options: SimulatorOptions;
  readonly #server: Server;
  readonly #router = new Router();
  readonly #records = new Records();
  readonly #journal = new Journal();
  readonly #tokens: Tokens;
  readonly #faults: Faults;
  readonly #limit: RateLimit | undefined;
  readonly #api: Api;
  readonly #state: StateFile | undefined;

  constructor(options: SimulatorOptions) {
    this.#options = options;
    this.tenant = options.tenant ?? 'acme';
    this.#tokens = new Tokens(this, options.tokenLifetime ?? 3600);
    this.#faults = new Faults(options.faults ?? {}, options.seed ?? 1);
    const { rateLimit = 'off' } = options;
    this.#limit = rateLimit === 'off' ? undefined : new RateLimit(rateLimit);
    this.#api = new Api(this.#records, { pageCap: options.pageCap ?? 100 });
    this.#state = options.state === undefined ? undefined : new StateFile(options.state, this.#records);
    if (!this.#state?.load()) this.#seed();
    this.#server = createServer((request, response) => {
      // A bug in here is a 500 as the real one answers it, and a line on stderr.
      this.#handle(request, response).catch((error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        if (!response.headersSent) reply(response, empty(500));
      });
    });
    this.#server.keepAliveTimeout = 60_000;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://${this.#options.host ?? '127.0.0.1'}:${port}`;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port ?? 0, this.#options.host ?? '127.0.0.1', resolve);
    });
  }

  journal(): readonly JournalEntry[] {
    return this.#journal.entries;
  }

  clearJournal(): void {
    this.#journal.clear();
  }

  records(resource: string): readonly JsonObject[] {
    return this.#records.all(resource);
  }

  failNext(plan: PlannedFault): void {
    this.#faults.plan(plan);
  }

  setFaults(rates: FaultRates): void {
    this.#faults.rates = rates;
  }

  expireTokens(): void {
    this.#tokens.expireAll();
  }

  async stop(): Promise<void> {
    this.#state?.save();
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  #seed(): void {
    seed(this.#records, this.#options.tickets ?? 1000, this.#options.seed ?? 1);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    let text = '';
    try {
      text = await readBody(request);
    } catch {
      return;
    }
    const method = request.method ?? 'GET';
    const path = decodeSlashes(url.pathname);
    if (path.startsWith('/__simulator/'))
      return reply(response, this.#control(method, path, url.searchParams, text));
    if (this.#options.latency) await new Promise((resolve) => setTimeout(resolve, this.#options.latency));
    if (/^\/(?:auth\/)?token$/.test(path) && method === 'POST') {
      return reply(response, this.#token(request, path, url.searchParams, text));
    }
    if (path.toLowerCase() === '/api/authinfo') {
      return reply(response, json(200, { auth_url: `${this.url}/auth`, tenant_id: this.tenant }));
    }
    if (!/^\/api\//i.test(path)) return reply(response, empty(404));
    await this.#call(request, response, { method, path, query: url.searchParams, text });
  }

  async #call(
    request: IncomingMessage,
    response: ServerResponse,
    call: {
      readonly method: string;
      readonly path: string;
      readonly query: URLSearchParams;
      readonly text: string;
    },
  ): Promise<void> {
    const { method, path, query, text } = call;
    const below = path.slice('/api/'.length);
    const fault = this.#faults.next(method, below);
    const broken = fault && isBroken(fault) && !fault.afterwards;
    const answer = broken ? faultAnswer(fault) : this.#answer(request, method, below, query, text);
    const shown = fault && isBroken(fault) ? faultAnswer(fault) : answer;
    this.#journal.add({
      method,
      path,
      query: Object.fromEntries(query),
      ...(text !== '' && { body: parse(text) }),
      status: shown.status,
      ...(fault && { fault: fault.kind + (fault.afterwards ? ' afterwards' : '') }),
    });
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault?.kind === 'reset') return void response.destroy();
    if (fault?.kind === 'truncate') return truncate(response, answer);
    reply(response, shown);
  }

  #answer(
    request: IncomingMessage,
    method: string,
    below: string,
    query: URLSearchParams,
    text: string,
  ): Answer {
    const wait = this.#limit?.refuse(Date.now());
    if (wait !== undefined) {
      const headers = { 'retry-after': String(Math.ceil(wait / 1000)), 'content-type': 'text/plain' };
      return { status: 429, body: this.#limit?.sentence ?? '', headers };
    }
    const [resource = ''] = below.split('/');
    const refused = this.#tokens.check(request.headers.authorization, resource, method !== 'GET');
    if (refused !== undefined) return empty(refused);
    const route: Route | undefined = this.#router.find(method, below);
    if (!route) return empty(404);
    const answer = this.#api.answer({
      route,
      query,
      contentType: request.headers['content-type'] ?? '',
      text,
    });
    if (method !== 'GET') this.#state?.changed();
    return answer;
  }

  #token(request: IncomingMessage, path: string, query: URLSearchParams, text: string): Answer {
    const form = new URLSearchParams(text);
    const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const [id = '', secret = ''] = basic ? Buffer.from(basic, 'base64').toString().split(':') : [];
    const answer = this.#tokens.issue(form, query.get('tenant'), basic ? [id, secret] : undefined);
    const body = Object.fromEntries(
      [...form].map(([name, value]) => [
        name,
        /secret|password|token/.test(name) && name !== 'grant_type' ? '***' : value,
      ]),
    );
    this.#journal.add({
      method: 'POST',
      path,
      query: Object.fromEntries(query),
      body,
      status: answer.status,
    });
    return answer;
  }

  #control(method: string, path: string, query: URLSearchParams, text: string): Answer {
    const [, , what, name = ''] = path.split('/');
    switch (`${method} ${what}`) {
      case 'GET journal': {
        const wanted = this.journal().filter(
          (entry) => !query.get('method') || entry.method === query.get('method'),
        );
        return json(200, { requests: wanted as unknown as Json });
      }
      case 'GET records':
        return json(200, this.records(name) as unknown as Json);
      case 'POST expire-tokens':
        this.expireTokens();
        return json(200, {});
      case 'POST faults':
        try {
          this.setFaults(parseFaults(text));
          return json(200, {});
        } catch (error) {
          return json(400, String((error as Error).message));
        }
      case 'POST reset':
        this.#records.clear();
        this.#journal.clear();
        this.#faults.clear();
        this.#seed();
        return json(200, {});
      default:
        return empty(404);
    }
  }
}

function isBroken(fault: Fault): boolean {
  return fault.kind !== 'slow' && fault.kind !== 'truncate';
}

function faultAnswer(fault: Fault): Answer {
  if (fault.kind === '429')
    return {
      status: 429,
      body: 'Rate Limit Reached',
      headers: { 'retry-after': '1', 'content-type': 'text/plain' },
    };
  if (fault.kind === 'reset') return empty(500);
  return empty(Number(fault.kind));
}

function reply(response: ServerResponse, answer: Answer): void {
  const body = answer.body ?? '';
  const type = body === '' ? {} : { 'content-type': 'application/json; charset=utf-8' };
  response.writeHead(answer.status, {
    ...type,
    'content-length': Buffer.byteLength(body),
    ...answer.headers,
  });
  response.end(body);
}

/** Says how long the answer is, and breaks off half way. */
function truncate(response: ServerResponse, answer: Answer): void {
  const body = Buffer.from(answer.body ?? '');
  response.writeHead(answer.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Math.max(body.length, 2),
  });
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function decodeSlashes(path: string): string {
  return path.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
