import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, empty, json } from './answer.ts';
import { Api } from './api.ts';
import { CONTROL, control } from './control.ts';
import { haloDate } from './data/dates.ts';
import type { Json, JsonObject } from './data/json.ts';
import { Records } from './data/records.ts';
import { seed } from './data/seed.ts';
import { faultAnswer, isSpoiled, readBody, reply, tooMany, truncate } from './exchange.ts';
import { type Fault, type FaultRates, Faults, type PlannedFault } from './faults.ts';
import { Journal, type JournalEntry, type JournalFilter } from './journal.ts';
import { Query } from './query.ts';
import { RateLimit, type RateLimitRule } from './rate-limit.ts';
import type { ListingOptions } from './reading/listing.ts';
import { openApi } from './reading/swagger.ts';
import type { Simulator, SimulatorOptions } from './simulator.ts';
import { StateFile } from './state.ts';
import { Tokens } from './tokens.ts';
import { Saving } from './writing/saving.ts';

interface Call {
  readonly method: string;
  readonly path: string;
  readonly search: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
  /** The body as JSON; undefined where it is none. */
  readonly value: Json | undefined;
}

const DEFAULT_LIMIT = new RateLimit({ requests: 500, windowMs: 180_000 }).sentence;

/** The running server. */
export class Instance implements Simulator {
  readonly tenant: string;
  readonly clientId = '7c3d6a52-9f0b-4b7e-8f6e-51a1c0ffee01';
  readonly clientSecret = '2f1c9f4e-aa10-4f7c-9c58-0d6f5d1b7a33-b5d20f6e-7a44-4f0e-8a39-6c1f2e3d4b5a';
  readonly username = 'integration';
  readonly password = 'correct-horse-battery';
  readonly #options: SimulatorOptions;
  readonly #listing: ListingOptions;
  readonly #server: Server;
  readonly #records = new Records();
  readonly #journal = new Journal();
  readonly #tokens: Tokens;
  readonly #faults: Faults;
  #limit: RateLimit | undefined;
  readonly #api: Api;
  readonly #state: StateFile | undefined;

  constructor(options: SimulatorOptions) {
    this.#options = options;
    this.tenant = options.tenant ?? 'acme';
    const { tokenLifetime = 3600, requireTenant = false, strictPaging = false, unordered = false } = options;
    this.#tokens = new Tokens(this, { lifetimeS: tokenLifetime, requireTenant });
    this.#faults = new Faults(options.faults ?? {}, options.seed ?? 1);
    this.#listing = { pageCap: 100, strictPaging, unordered };
    this.setPageCap(options.pageCap ?? 100);
    this.setRateLimit(options.rateLimit ?? 'off');
    this.#api = new Api(
      this.#records,
      this.#listing,
      () => this,
      () => this.#now(),
    );
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
    const { address, family, port } = this.#server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port ?? 0, this.#options.host ?? '127.0.0.1', resolve);
    });
  }

  journal(filter?: JournalFilter): readonly JournalEntry[] {
    return this.#journal.entries(filter);
  }

  clearJournal(): void {
    this.#journal.clear();
  }

  records(resource: string): readonly JsonObject[] {
    return this.#records.all(resource);
  }

  save(resource: string, fields: JsonObject): JsonObject {
    this.#state?.changed();
    return new Saving(this.#records).save(resource, fields, haloDate(this.#now()));
  }

  remove(resource: string, key: string | number): void {
    this.#records.remove(resource, String(key));
    this.#state?.changed();
  }

  failNext(plan: PlannedFault): void {
    this.#faults.plan(plan);
  }

  setFaults(rates: FaultRates): void {
    this.#faults.rates = rates;
  }

  setPageCap(rows: number): void {
    if (!Number.isInteger(rows) || rows < 1)
      throw new RangeError(`the page cap must be a whole number from 1, not ${rows}`);
    this.#listing.pageCap = rows;
  }

  setRateLimit(rule: RateLimitRule | 'off'): void {
    this.#limit = rule === 'off' ? undefined : new RateLimit(rule);
  }

  token(scopes: readonly string[] = ['all']): string {
    return this.#tokens.grant(scopes);
  }

  expireTokens(): void {
    this.#tokens.expireAll();
  }

  reset(): void {
    this.#records.clear();
    this.#journal.clear();
    this.#faults.clear();
    this.setFaults(this.#options.faults ?? {});
    this.#seed();
    this.#state?.changed();
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
    this.#state?.save();
  }

  #seed(): void {
    seed(this.#records, this.#options.tickets ?? 1000, this.#options.seed ?? 1);
  }

  #now(): number {
    return Date.now() + (this.#options.clockSkew ?? 0);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    let bytes: Buffer;
    try {
      bytes = await readBody(request);
    } catch {
      return;
    }
    const method = request.method ?? 'GET';
    const path = url.pathname.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
    if (path === CONTROL || path.startsWith(`${CONTROL}/`))
      return reply(response, control(this, method, path, new Query(url.searchParams), bytes.toString()));
    if (this.#options.clockSkew) response.setHeader('date', new Date(this.#now()).toUTCString());
    if (this.#options.latency) await pause(this.#options.latency);
    const { headers } = request;
    await this.#answerOrFail(
      { method, path, search: url.searchParams, headers, bytes, value: readJson(bytes, headers) },
      response,
    );
  }

  async #answerOrFail(call: Call, response: ServerResponse): Promise<void> {
    const fault = this.#faults.next(call.method, call.path);
    const spoiled = fault && isSpoiled(fault);
    const real = spoiled && !fault.afterwards ? undefined : this.#answer(call);
    const shown =
      spoiled || !real ? faultAnswer(fault as Fault, this.#limit?.sentence ?? DEFAULT_LIMIT) : real;
    this.#note(call, shown.status, fault);
    if (fault?.kind === 'slow') await pause(fault.delayMs);
    if (fault?.kind === 'reset') response.destroy();
    else if (fault?.kind === 'truncate') truncate(response, shown);
    else reply(response, shown);
  }

  #note(call: Call, status: number, fault: Fault | undefined): void {
    const { method, path, search, bytes, value } = call;
    const text = () => bytes.toString();
    const body = isTokenPath(path) ? masked(new URLSearchParams(text())) : (value ?? text());
    const entry = { method, path, query: Object.fromEntries(search), status };
    const what = fault && fault.kind + (fault.afterwards && isSpoiled(fault) ? ' afterwards' : '');
    this.#journal.add(
      { ...entry, ...(bytes.length > 0 && { body }), ...(what !== undefined && { fault: what }) },
      bytes.length,
      text,
    );
  }

  #answer(call: Call): Answer {
    const { method, path, search, headers } = call;
    const lower = path.toLowerCase();
    if (lower === '/api/authinfo') return json(200, { auth_url: `${this.url}/auth`, tenant_id: this.tenant });
    if (lower === '/api/swagger/v2/swagger.json') return json(200, openApi());
    if (/^\/(?:auth\/)?\.well-known\/openid-configuration$/.test(lower)) return this.#discovery();
    // Signing in is another server's business, in many installations: it counts for nobody's limit.
    if (isTokenPath(path)) return method === 'POST' ? this.#token(call) : empty(405);
    if (!lower.startsWith('/api/')) return empty(404);
    const wait = this.#limit?.refuse(Date.now());
    if (wait !== undefined) {
      const seconds = this.#options.retryAfter === false ? undefined : Math.ceil(wait / 1000);
      return tooMany(this.#limit?.sentence ?? '', seconds);
    }
    const below = path.slice('/api/'.length);
    const refused = this.#tokens.check(headers.authorization, below.split('/')[0] ?? '', method !== 'GET');
    if (refused !== undefined) return empty(refused);
    const contentType = headers['content-type'] ?? '';
    const query = new Query(search);
    const answer = this.#api.answer({ ...call, path: below, query, contentType });
    if (method !== 'GET') this.#state?.changed();
    return answer;
  }

  #token({ search, headers, bytes }: Call): Answer {
    const basic = /^Basic +(.+)$/i.exec(headers.authorization ?? '')?.[1];
    const [id = '', secret = ''] = basic ? Buffer.from(basic, 'base64').toString().split(':') : [];
    const pair = basic ? ([id, secret] as const) : undefined;
    return this.#tokens.issue(new URLSearchParams(bytes.toString()), search.get('tenant'), pair);
  }

  #discovery(): Answer {
    return json(200, {
      issuer: `${this.url}/auth`,
      token_endpoint: `${this.url}/auth/token`,
      grant_types_supported: ['client_credentials', 'password', 'refresh_token'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    });
  }
}

function isTokenPath(path: string): boolean {
  return /^\/(?:auth\/)?token$/i.test(path);
}

/** The members of a token request, those that sign in unreadable. */
function masked(form: URLSearchParams): JsonObject {
  const isSecret = (name: string) => /secret|password|token|assertion|code/.test(name);
  return Object.fromEntries([...form].map(([name, value]) => [name, isSecret(name) ? '***' : value]));
}

function readJson(bytes: Buffer, headers: IncomingMessage['headers']): Json | undefined {
  if (bytes.length === 0 || headers['content-type']?.includes('form')) return undefined;
  try {
    return JSON.parse(bytes.toString()) as Json;
  } catch {
    return undefined;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
