import type { SourceContext } from '../check-source.ts';
import type { CompilerOptions, SavedTransformer } from '../compile.ts';
import type { Client } from '../contracts.ts';
import type { ProjectFiles } from '../define.ts';
import { MillraceError } from '../errors.ts';
import type { TransformerExample } from '../example.ts';
import type { HttpResponse, Method } from '../exchange.ts';
import type { LookupTable, Services } from '../expressions/services.ts';
import type { Json } from '../json.ts';
import type { Registry } from '../registry.ts';
import { Steps } from '../schema.ts';
import { walkOptions } from '../walk-options.ts';
import { demand } from './check.ts';

/** The project around an example: for the static checks, and for the compiler. */
export interface ExampleProject {
  readonly checked: SourceContext;
  readonly compiled: Omit<CompilerOptions, 'log'>;
}

const NOW = Date.parse('2026-01-02T03:04:05Z');

export function exampleProject(
  example: TransformerExample,
  steps: readonly Json[],
  registry: Registry,
): ExampleProject {
  const { tables = {}, transformers = {}, files = {} } = example;
  const services: Services = {
    now: () => NOW,
    tables: new Map(Object.entries(tables).map(([id, table]) => [id, tableOf(table)])),
  };
  const saved = (id: string): SavedTransformer | undefined => {
    const file = transformers[id];
    return file && ({ parameters: {}, transformers: [], ...file } as SavedTransformer);
  };
  const common = { registry, place: 'route', saved, services } as const;
  const projectFiles = filesOf(files);
  const checked = {
    ...common,
    savedIds: Object.keys(transformers),
    // Storages and clients of an example need no declaration: those that it names are there.
    storages: named('storage', steps, registry),
    clients: new Map([...named('client', steps, registry)].map((id) => [id, undefined])),
    files: projectFiles,
  };
  const client = answering(example.http ?? []);
  return { checked, compiled: { ...common, ...projectFiles, clientOf: () => client } };
}

function tableOf(entries: Readonly<Record<string, Json>>): LookupTable {
  return new Map(Object.entries(entries));
}

function filesOf(files: Readonly<Record<string, string>>): ProjectFiles {
  const readFile = (path: string) => {
    const text = files[path];
    if (text !== undefined) return text;
    throw new MillraceError('config.unreadable', `There is no file "${path}"`);
  };
  return { resolvePath: (path) => path, readFile };
}

function named(role: 'storage' | 'client', steps: readonly Json[], registry: Registry): ReadonlySet<string> {
  const parts = walkOptions(Steps({ description: 'Steps' }), [...steps], registry);
  return new Set([...parts].flatMap((part) => (part.role === role ? [String(part.value)] : [])));
}

/** A client that answers as the example says, in order, and nothing else. */
function answering(http: NonNullable<TransformerExample['http']>): Client {
  const left = [...http];
  return {
    ping: async () => {},
    request: async ({ method, path }): Promise<HttpResponse> => {
      const next = left.shift();
      const asked = `${method} ${path.replace(/^\//, '')}`;
      const expected = next && `${next.request.method} ${next.request.path.replace(/^\//, '')}`;
      demand(asked === expected, `it asks ${asked} where ${expected ?? 'nothing'} was to be asked`);
      const { status = 200, body } = next?.response ?? {};
      const request = { method: method as Method, url: path };
      return { status, headers: {}, body, exchange: { request, response: { status } } };
    },
  };
}
