// The baselines: the same job by hand, on undici or got, with or without every record in SQLite before it is sent.
//   node baseline.ts undici|got memory|sqlite BASE_URL RECORDS DATABASE BATCH
import { Agent as HttpAgent } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import got from 'got';
import { Pool } from 'undici';
import { type Message, message, PAGE, type Ticket, wanted } from './job.ts';

const [library, keeping, url = '', records, file = '', batch = '1'] = process.argv.slice(2);
const IN_FLIGHT = 10;
const SIZE = Number(batch);

interface Client {
  get(path: string): Promise<{ tickets: Ticket[]; record_count: number }>;
  post(path: string, json: unknown): Promise<void>;
  close(): void;
}

function undiciClient(): Client {
  const pool = new Pool(url, { connections: IN_FLIGHT, pipelining: 1 });
  const headers = { 'content-type': 'application/json', authorization: 'Bearer bench' };
  return {
    get: async (path) => {
      const { body } = await pool.request({ path, method: 'GET', headers });
      return (await body.json()) as Awaited<ReturnType<Client['get']>>;
    },
    post: async (path, json) => {
      const { statusCode, body } = await pool.request({
        path,
        method: 'POST',
        headers,
        body: JSON.stringify(json),
      });
      await body.dump();
      if (statusCode !== 201) throw new Error(String(statusCode));
    },
    close: () => void pool.close(),
  };
}

function gotClient(): Client {
  const agent = { http: new HttpAgent({ keepAlive: true, maxSockets: IN_FLIGHT }) };
  const client = got.extend({ agent, headers: { authorization: 'Bearer bench' }, retry: { limit: 0 } });
  return {
    get: (path) => client(`${url}${path}`).json(),
    post: async (path, json) => {
      await client.post(`${url}${path}`, { json });
    },
    close: () => agent.http.destroy(),
  };
}

/** Every record is stored with its page, and marked when it was delivered: marks of calls that end together are one transaction. */
class Kept {
  readonly #db = new DatabaseSync(file);
  readonly #insert;
  readonly #mark;
  readonly #page;
  #done: number[] = [];

  constructor() {
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    this.#db.exec('CREATE TABLE tasks (id INTEGER PRIMARY KEY, status TEXT NOT NULL, data TEXT NOT NULL)');
    this.#db.exec('CREATE TABLE position (page INTEGER NOT NULL)');
    this.#insert = this.#db.prepare("INSERT INTO tasks (status, data) VALUES ('new', ?)");
    this.#mark = this.#db.prepare("UPDATE tasks SET status = 'done' WHERE id = ?");
    this.#page = this.#db.prepare('INSERT INTO position (page) VALUES (?)');
  }

  store(page: number, messages: readonly Message[]): number[] {
    this.#db.exec('BEGIN IMMEDIATE');
    const ids = messages.map((one) => Number(this.#insert.run(JSON.stringify(one)).lastInsertRowid));
    this.#page.run(page);
    this.#db.exec('COMMIT');
    return ids;
  }

  done(ids: readonly number[]): void {
    if (this.#done.length === 0) setImmediate(() => this.flush());
    this.#done.push(...ids);
  }

  flush(): void {
    if (this.#done.length === 0) return;
    this.#db.exec('BEGIN IMMEDIATE');
    for (const id of this.#done.splice(0)) this.#mark.run(id);
    this.#db.exec('COMMIT');
  }
}

const client = library === 'got' ? gotClient() : undiciClient();
const kept = keeping === 'sqlite' ? new Kept() : undefined;
const queue: { ids: number[]; messages: Message[] }[] = [];
let reading = true;
let wake: (() => void)[] = [];

async function read(): Promise<void> {
  for (let page = 1; (page - 1) * PAGE < Number(records); page++) {
    const { tickets } = await client.get(`/api/Tickets?pageinate=true&page_size=${PAGE}&page_no=${page}`);
    const messages = tickets.filter(wanted).map(message);
    const ids = kept?.store(page, messages) ?? [];
    for (let n = 0; n < messages.length; n += SIZE) {
      queue.push({ ids: ids.slice(n, n + SIZE), messages: messages.slice(n, n + SIZE) });
    }
    for (const one of wake.splice(0)) one();
  }
  reading = false;
  for (const one of wake.splice(0)) one();
}

async function send(): Promise<void> {
  for (;;) {
    const next = queue.shift();
    if (next) {
      await client.post('/api/Asset', SIZE === 1 ? next.messages[0] : next.messages);
      kept?.done(next.ids);
    } else if (!reading) return;
    else await new Promise<void>((resolve) => wake.push(resolve));
  }
}

await Promise.all([read(), ...Array.from({ length: IN_FLIGHT }, send)]);
kept?.flush();
wake = [];
client.close();
