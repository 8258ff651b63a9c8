import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { createCompiler } from '../compile.ts';
import type { Client, Context, Logger, RunContext, Storage } from '../contracts.ts';
import type { Dependencies } from '../define.ts';
import { MillraceError } from '../errors.ts';
import type { Services } from '../expressions/services.ts';
import type { Json } from '../json.ts';
import { createRegistry } from '../registry.ts';

/** A run of a test: its log and its storages can be looked into. */
export interface TestRun extends RunContext {
  /** What was logged: the sentence, then the facts. */
  readonly lines: readonly string[];
  abort(reason?: unknown): void;
}

/** A run context for tests: an abort signal, a log that is kept, storages in memory. */
export function testRun(context: Partial<Context> = {}): TestRun {
  const lines: string[] = [];
  const controller = new AbortController();
  const write = (facts: object, message = '') => void lines.push(`${message} ${describe(facts)}`);
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  const storages = new Map<string, Storage>();
  const run = { id: '01TESTRUN0000000000000000A', startedAt: '2026-01-02T03:04:05.000Z' };
  return {
    id: run.id,
    signal: controller.signal,
    log,
    lines,
    storages: {
      get(name) {
        const storage = storages.get(name) ?? memoryStorage();
        storages.set(name, storage);
        return storage;
      },
    },
    context: { run, ...context },
    abort: (reason = new Error('aborted by the test')) => controller.abort(reason),
  };
}

/** All that can be seen of a value: of an error its record, its stack, its cause and every property. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return value;
  const record = value instanceof MillraceError ? JSON.stringify(value.toRecord()) : '';
  const text = inspect(value, {
    depth: 12,
    maxStringLength: null,
    maxArrayLength: null,
    breakLength: Number.POSITIVE_INFINITY,
  });
  return record === '' ? text : `${text} ${record}`;
}

function memoryStorage(): Storage {
  const entries = new Map<string, Json>();
  return {
    get: (key) => entries.get(key),
    set: (key, value) => void entries.set(key, structuredClone(value)),
    delete: (key) => void entries.delete(key),
    entries: ({ after = '', limit }) =>
      [...entries]
        .map(([key, value]) => ({ key, value }))
        .filter(({ key }) => key > after)
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .slice(0, limit),
  };
}

/** What `create` of a component is given in a test. Paths are resolved against the directory, where one is given. */
export function testDependencies(
  place: 'incoming' | 'route' | 'outgoing',
  run: TestRun = testRun(),
  directory?: string,
  services?: Services,
  clients: Readonly<Record<string, Client>> = {},
): Dependencies {
  const resolvePath = (path: string) => (directory === undefined ? path : resolve(directory, path));
  const readFile = (path: string) => readFileSync(resolvePath(path), 'utf8');
  const saved = () => undefined;
  const { log } = run;
  const registry = createRegistry([]);
  const clientOf = (id: string) => {
    const client = clients[id];
    if (client) return client;
    throw new MillraceError('config.unknown_reference', `There is no client "${id}"`);
  };
  const shared = { log, resolvePath, readFile, clientOf };
  const compile = createCompiler({ ...shared, registry, place, saved, ...(services && { services }) });
  return { ...shared, compile };
}
