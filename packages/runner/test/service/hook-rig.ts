import type { JsonObject } from '@millrace/core';
import { onTestFinished } from 'vitest';
import { openHttp } from '../../src/service/http-server.ts';
import { Metrics } from '../../src/service/metrics.ts';
import { Service } from '../../src/service/service.ts';
import type { RunRecord } from '../../src/store/store.ts';
import { type Files, InProcess, type InProcessOptions } from '../execution/in-process.ts';
import type { VirtualClock } from '../schedule/virtual-clock.ts';

/** A project whose incoming takes tickets by webhooks and reads the same from a storage; sent nowhere yet. */
export const TICKETS: Files = {
  'storages/desk.yaml': '{}',
  'incoming/tickets.yaml': `
subscriber: { storage: { storage: desk, keyAs: key } }
receiver:
  http.webhook:
    authentication: { header: { name: X-Key, value: s3cret-key } }
    delivery: { header: X-Delivery, remember: 1h }
    maxBytes: 2000
entity: { type: ticket, identifier: id, version: changed }
transformers:
  - filter: { "!=": [{ var: status }, closed] }
`,
  'routes/to-file.yaml': `
incoming: tickets
outgoing: file
transformers:
  - fail: { when: { "==": [{ var: summary }, bad] }, message: "a bad one" }
  - map: { id: "&{id}", summary: "&{upper(summary)}" }
`,
  'outgoing/file.yaml': 'publisher: { file: { path: out/tickets.ndjson } }\nenabled: false\n',
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: JsonObject;
}

/** A runner in this process with its HTTP port open. */
export class HookRig {
  readonly process: InProcess;
  readonly service: Service;
  readonly url: string;
  readonly #close: () => Promise<void>;

  private constructor(process: InProcess, service: Service, url: string, close: () => Promise<void>) {
    this.process = process;
    this.service = service;
    this.url = url;
    this.#close = close;
  }

  static async start(files: Files = TICKETS, options: InProcessOptions = {}): Promise<HookRig> {
    const process = await InProcess.make(files, options);
    const metrics = new Metrics();
    const service = new Service(await process.engine(), { metrics });
    metrics.watch(service);
    const settings = { host: '127.0.0.1', port: 0, token: 'port-token' };
    const http = await openHttp(service, metrics, settings);
    await service.start();
    let closed = false;
    const close = async () => {
      if (closed) return;
      closed = true;
      await service.stop();
      await http.close();
    };
    onTestFinished(close);
    return new HookRig(process, service, http.url, close);
  }

  /** Sends a webhook to the incoming `tickets`, as who knows the secret does. */
  async post(body: unknown, headers: Record<string, string> = {}, path = '/hooks/tickets'): Promise<Answer> {
    return this.ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-key': 's3cret-key', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  async ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, init);
    const text = await response.text();
    const { status, headers } = response;
    const isJson = headers.get('content-type')?.startsWith('application/json') === true;
    return { status, headers, text, body: isJson ? (JSON.parse(text) as JsonObject) : {} };
  }

  /** The lines of the metrics that begin so. */
  async metrics(prefix: string): Promise<string[]> {
    const { text } = await this.ask('/metrics', { headers: { authorization: 'Bearer port-token' } });
    return text.split('\n').filter((line) => line.startsWith(prefix));
  }

  /** Data of the tasks, oldest first. */
  async sent(): Promise<unknown[]> {
    const rows = await this.process.tasks();
    return Promise.all(rows.map(async ({ id }) => (await this.process.task(id))?.data));
  }

  async runs(): Promise<readonly RunRecord[]> {
    return (await this.process.engine()).store.runs({ limit: 50 });
  }

  /** Lets time pass, in which the runner keeps its leases. */
  async pass(clock: VirtualClock, milliseconds: number): Promise<void> {
    clock.set(clock.now() + milliseconds);
    const { store, worker } = await this.process.engine();
    await store.renew(worker, clock.now());
  }

  stop(): Promise<void> {
    return this.#close();
  }
}
