import { isObject, type Json, type JsonObject, type Registry } from '@millrace/core';
import type { CheckedFile } from './check-file.ts';
import type { Kind } from './kinds.ts';
import type {
  ComponentUse,
  EntityRule,
  OutgoingResource,
  Project,
  Resource,
  Retry,
  RouteResource,
  SavedTransformerResource,
  Schedule,
  Settings,
} from './project.ts';
import { tablesOf } from './references/tables-of.ts';
import type { Files } from './rules/rule.ts';
import { secretsIn } from './rules/secrets.ts';

export interface Parts {
  readonly directory: string;
  readonly settings: JsonObject;
  readonly files: Files;
  readonly registry: Registry;
  readonly hash: (content: Json) => string;
  readonly pluginVersions: readonly string[];
  readonly tables: Project['tables'];
}

const DEFAULT_TASKS = {
  unchanged: 'skip',
  ignore: [],
  supersede: false,
  backpressure: 10_000,
  priority: 0,
} as const;
const DEFAULT_KEEP = { days: 30, count: 100_000 } as const;
const DEFAULT_RETRY: Retry = {
  attempts: 8,
  backoff: 'exponential',
  initial: '5s',
  max: '30m',
  jitter: 'full',
};

/** Puts a project together from files that have passed every check. */
export function buildProject(parts: Parts): Project {
  const secrets = new Set<string>();
  const make = <R extends Resource>(kind: Kind, build: (resource: Resource, content: JsonObject) => R) =>
    new Map(
      [...parts.files[kind]].map(([id, file]) => [
        id,
        build(base(id, file, parts.hash), objectOf(file.content)),
      ]),
    );
  const { settings } = parts;
  const http = objectOf(settings['http']);
  if (typeof http['token'] === 'string') secrets.add(http['token']);
  const project: Project = {
    directory: parts.directory,
    settings: buildSettings(settings),
    registry: parts.registry,
    clients: make('clients', (resource, content) => {
      const use = componentOf(withoutCommon(content), false);
      const definition = parts.registry.component('client', use.component);
      for (const { value } of secretsIn(definition?.options, use.options, [])) secrets.add(value);
      return { ...resource, ...use };
    }),
    incoming: make('incoming', (resource, content) => ({
      ...resource,
      ...(isObject(content['schedule']) && { schedule: content['schedule'] as unknown as Schedule }),
      ...(isObject(content['subscriber']) && { subscriber: componentOf(content['subscriber']) }),
      ...receiverOf(content, parts.registry, secrets),
      entity: entityOf(content['entity']) ?? { type: '', identifier: [] },
      transformers: stepsOf(content),
    })),
    routes: make('routes', (resource, content) => buildRoute(resource, content, settings)),
    outgoing: make('outgoing', (resource, content) => buildOutgoing(resource, content, settings)),
    transformers: make('transformers', (resource, content) => ({
      ...resource,
      parameters: objectOf(content['parameters']) as unknown as SavedTransformerResource['parameters'],
      transformers: stepsOf(content),
    })),
    storages: make('storages', (resource, content) => ({
      ...resource,
      ...(typeof content['ttl'] === 'string' && { ttl: content['ttl'] }),
      ...(typeof content['maxEntries'] === 'number' && { maxEntries: content['maxEntries'] }),
    })),
    references: make('references', (resource, content) => {
      const use = componentOf(withoutCommon(content));
      const tables = tablesOf(parts.registry.component('reference', use.component), use.options);
      return { ...resource, ...use, client: use.client ?? '', tables };
    }),
    tables: parts.tables,
    pluginVersions: parts.pluginVersions,
    secrets,
  };
  return Object.freeze(project);
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function stepsOf(content: JsonObject): readonly Json[] {
  return (content['transformers'] ?? []) as readonly Json[];
}

function base(id: string, file: CheckedFile, hash: Parts['hash']): Resource {
  const content = objectOf(file.content);
  return {
    id,
    file: file.source.file,
    ...(typeof content['description'] === 'string' && { description: content['description'] }),
    enabled: content['enabled'] !== false,
    hash: hash(content),
    locate: (path) => file.source.locate(path),
  };
}

function withoutCommon(content: JsonObject): JsonObject {
  const { description: _, enabled: __, ...rest } = content;
  return rest;
}

/** The one component of a slot, the id of its client apart from its options. */
function componentOf(slot: JsonObject, split = true): ComponentUse {
  const [component = ''] = Object.keys(slot);
  const options = objectOf(slot[component]);
  if (!split || typeof options['client'] !== 'string') return { component, options };
  const { client, ...rest } = options;
  return { component, options: rest, client: String(client) };
}

/** The receiver of an incoming; the secrets of its senders are learned. */
function receiverOf(
  content: JsonObject,
  registry: Registry,
  secrets: Set<string>,
): { readonly receiver?: ComponentUse } {
  if (!isObject(content['receiver'])) return {};
  const receiver = componentOf(content['receiver']);
  const definition = registry.component('receiver', receiver.component);
  for (const { value } of secretsIn(definition?.options, receiver.options, [])) secrets.add(value);
  return { receiver };
}

function entityOf(value: Json | undefined): EntityRule | undefined {
  if (!isObject(value)) return undefined;
  const identifier = value['identifier'];
  const list = Array.isArray(identifier) ? (identifier as readonly Json[]) : [identifier ?? ''];
  const { type, version } = value;
  return {
    type: String(type),
    identifier: list.map(String),
    ...(typeof version === 'string' && { version }),
  };
}

function buildRoute(resource: Resource, content: JsonObject, settings: JsonObject): RouteResource {
  const entity = entityOf(content['entity']);
  const given = { ...objectOf(settings['tasks']), ...objectOf(content['tasks']) };
  const keep = {
    ...DEFAULT_KEEP,
    ...objectOf(objectOf(settings['tasks'])['keep']),
    ...objectOf(objectOf(content['tasks'])['keep']),
  };
  return {
    ...resource,
    incoming: String(content['incoming']),
    outgoing: String(content['outgoing']),
    ...(entity && { entity }),
    transformers: stepsOf(content),
    whileDisabled: content['whileDisabled'] === 'drop' ? 'drop' : 'keep',
    tasks: { ...DEFAULT_TASKS, ...given, keep } as RouteResource['tasks'],
    history: {
      raw: 'failed',
      exchange: 'failed',
      ...objectOf(content['history']),
    } as RouteResource['history'],
  };
}

function buildOutgoing(resource: Resource, content: JsonObject, settings: JsonObject): OutgoingResource {
  return {
    ...resource,
    transformers: stepsOf(content),
    publisher: componentOf(objectOf(content['publisher'])),
    batch: { size: 1, wait: '0s', ...objectOf(content['batch']) },
    concurrency: Number(content['concurrency']),
    ...(isObject(content['schedule']) && { schedule: content['schedule'] as unknown as Schedule }),
    retry: { ...DEFAULT_RETRY, ...objectOf(settings['retry']), ...objectOf(content['retry']) },
    onUnknown: content['onUnknown'] === 'hold' ? 'hold' : 'retry',
    ...(typeof content['confirmWithin'] === 'string' && { confirmWithin: content['confirmWithin'] }),
  };
}

function buildSettings(settings: JsonObject): Settings {
  const log = objectOf(settings['log']);
  const http = objectOf(settings['http']);
  return {
    plugins: (settings['plugins'] ?? []) as readonly string[],
    store: String(settings['store'] ?? 'sqlite:.millrace/millrace.db'),
    log: { level: String(log['level'] ?? 'info') },
    http: {
      host: String(http['host'] ?? '127.0.0.1'),
      port: Number(http['port'] ?? 0),
      ...(typeof http['token'] === 'string' && { token: http['token'] }),
    },
    minFreeDisk: Number(settings['minFreeDisk'] ?? 200),
    notify: (settings['notify'] ?? []) as unknown as Settings['notify'],
  };
}
