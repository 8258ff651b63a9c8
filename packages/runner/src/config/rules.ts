import {
  type Component,
  checkSource,
  checkSteps,
  isObject,
  type Json,
  type JsonObject,
  type OptionFinding,
  type OptionPath,
  type Place,
  type Registry,
  type SavedTransformer,
  type SourceContext,
  suggestion,
  usedTransformers,
} from '@millrace/core';
import { Cron } from 'croner';
import { type CheckedFile, locateFinding } from './check-file.ts';
import type { Kind } from './kinds.ts';
import type { Finding } from './project.ts';
import { parseRetryPattern } from './retry-pattern.ts';

/** The files of a project by kind and id, as far as they could be read. */
export type Files = Readonly<Record<Kind, ReadonlyMap<string, CheckedFile>>>;

interface Rule {
  readonly files: Files;
  readonly registry: Registry;
  /** Ids of files that exist but could not be read: what refers to them does not dangle. */
  readonly broken: Readonly<Record<Kind, ReadonlySet<string>>>;
  readonly report: (file: CheckedFile, finding: OptionFinding) => void;
}

/** Everything that the form of a file cannot say: a list of small rules, each of which reports all it finds. */
export function checkRules(files: Files, broken: Rule['broken'], registry: Registry): Finding[] {
  const findings: Finding[] = [];
  const report: Rule['report'] = (file, finding) => {
    // A variable that is not set is one mistake: what its text seems to say wrong is none.
    if (!file.unresolved.has(JSON.stringify(finding.path)))
      findings.push(locateFinding(file.source, finding));
  };
  const rule: Rule = { files, broken, registry, report };
  for (const check of [clients, references, usage, schedules, sources, circles, identifiers, secrets])
    check(rule);
  return findings;
}

function content(file: CheckedFile): JsonObject {
  return isObject(file.content) ? file.content : {};
}

const COMMON_KEYS = new Set(['description', 'enabled']);

/** The component that a client file names. */
function clientComponent(file: CheckedFile): string | undefined {
  return Object.keys(content(file)).find((key) => !COMMON_KEYS.has(key));
}

function clients({ files, registry, report }: Rule): void {
  for (const file of files.clients.values()) {
    const names = Object.keys(content(file)).filter((key) => registry.component('client', key));
    const keys = Object.keys(content(file)).filter((key) => !COMMON_KEYS.has(key));
    if (keys.length === 0) {
      const hint = `Name one: ${registry.names('client').join(', ')}.`;
      report(file, { code: 'config.missing_option', message: 'The file names no client', hint, path: [] });
    }
    for (const name of names.slice(1)) {
      const message = `The file names two clients, "${names[0]}" and "${name}"`;
      report(file, {
        code: 'config.invalid_value',
        message,
        hint: 'Use a file for each.',
        path: [name],
        atKey: true,
      });
    }
    for (const name of names) component({ registry, report }, file, 'client', name, [name]);
  }
}

/** What a slot holds: name and options of its component, where it names one that exists. */
function slotOf(
  file: CheckedFile,
  kind: 'subscriber' | 'publisher',
): { name: string; options: JsonObject } | undefined {
  const slot = content(file)[kind];
  const [name] = isObject(slot) ? Object.keys(slot) : [];
  const options = isObject(slot) && name !== undefined ? slot[name] : undefined;
  return name === undefined || !isObject(options) ? undefined : { name, options };
}

const SLOTS = [
  ['incoming', 'subscriber'],
  ['outgoing', 'publisher'],
] as const;

function* slots({ files }: Pick<Rule, 'files'>) {
  for (const [kind, slot] of SLOTS) {
    for (const file of files[kind].values()) {
      const found = slotOf(file, slot);
      if (found) yield { file, slot, ...found };
    }
  }
}

/** A component's own check, on options that have passed its schema. */
function component(
  { registry, report }: Pick<Rule, 'registry' | 'report'>,
  file: CheckedFile,
  kind: Component['kind'],
  name: string,
  at: OptionPath,
): void {
  const definition = registry.component(kind, name);
  const options = at.reduce<Json>(
    (node, key) => (isObject(node) ? (node[String(key)] ?? null) : null),
    file.content,
  );
  if (!definition?.check || !file.valid || !isObject(options)) return;
  definition.check(options as never, (finding) =>
    report(file, { ...finding, path: [...at, ...finding.path] }),
  );
}

function dangling(rule: Rule, kind: Kind, id: Json | undefined): id is string {
  return typeof id === 'string' && !rule.files[kind].has(id) && !rule.broken[kind].has(id);
}

const NOUNS: Readonly<Record<Kind, string>> = {
  clients: 'client',
  incoming: 'incoming',
  routes: 'route',
  outgoing: 'outgoing',
  transformers: 'saved transformer',
  storages: 'storage',
};

function unknown(rule: Rule, file: CheckedFile, kind: Kind, id: string, path: OptionPath): void {
  const ids = [...rule.files[kind].keys(), ...rule.broken[kind]];
  const message = `There is no ${NOUNS[kind]} "${id}"`;
  rule.report(file, {
    code: 'config.unknown_reference',
    message,
    hint: suggestion(id, ids, 'there is'),
    path,
  });
}

function references(rule: Rule): void {
  for (const file of rule.files.routes.values()) {
    for (const kind of ['incoming', 'outgoing'] as const) {
      const id = content(file)[kind];
      if (dangling(rule, kind, id)) unknown(rule, file, kind, id, [kind]);
    }
  }
  for (const { file, slot, name, options } of slots(rule)) {
    const definition = rule.registry.component(slot, name);
    const id = options['client'];
    const path = [slot, name, 'client'];
    if (!definition?.client || typeof id !== 'string') continue;
    if (dangling(rule, 'clients', id)) unknown(rule, file, 'clients', id, path);
    const client = rule.files.clients.get(id);
    const used = client && clientComponent(client);
    const found = used === undefined ? undefined : rule.registry.component('client', used);
    if (!found || found === definition.client) continue;
    const wanted = rule.registry
      .names('client')
      .find((one) => rule.registry.component('client', one) === definition.client);
    const message = `Client "${id}" is of type ${used}, and ${name} needs one of type ${wanted ?? 'another plugin'}`;
    rule.report(file, { code: 'config.wrong_client', message, hint: 'Name a client of that type.', path });
  }
}

/** What nothing uses. A reference that dangles may have meant it: then there is one mistake, not two. */
function usage(rule: Rule): void {
  const { files, report } = rule;
  const routes = [...files.routes.values()].map(content);
  const named = (kind: 'incoming' | 'outgoing') => new Set(routes.map((route) => route[kind]));
  const warn = (file: CheckedFile, code: OptionFinding['code'], message: string, hint: string) =>
    report(file, { severity: 'warning', code, message, hint, path: [] });
  for (const kind of ['incoming', 'outgoing'] as const) {
    const used = named(kind);
    if (rule.broken.routes.size > 0 || [...used].some((id) => dangling(rule, kind, id))) continue;
    for (const [id, file] of files[kind]) {
      if (used.has(id)) continue;
      if (kind === 'incoming')
        warn(
          file,
          'config.incoming_without_route',
          `No route takes up "${id}"`,
          `Add routes/….yaml with incoming: ${id}.`,
        );
      else
        warn(
          file,
          'config.outgoing_without_route',
          `No route leads to "${id}"`,
          `Add routes/….yaml with outgoing: ${id}.`,
        );
    }
  }
  const used = new Set([...slots(rule)].map(({ options }) => options['client']));
  const unsure =
    rule.broken.incoming.size + rule.broken.outgoing.size > 0 ||
    [...used].some((id) => dangling(rule, 'clients', id));
  if (unsure || [...files.incoming.values(), ...files.outgoing.values()].some((file) => !file.valid)) return;
  for (const [id, file] of files.clients) {
    if (!used.has(id))
      warn(
        file,
        'config.unused_client',
        `Nothing uses client "${id}"`,
        'Remove the file, or name it in an incoming or outgoing.',
      );
  }
}

function schedules({ files, report }: Rule): void {
  for (const file of [...files.incoming.values(), ...files.outgoing.values()]) {
    const { schedule, retry } = content(file);
    if (isObject(schedule)) checkSchedule(schedule, file, report);
    if (isObject(retry) && typeof retry['pattern'] === 'string' && !parseRetryPattern(retry['pattern'])) {
      const message = `"${retry['pattern']}" is not a retry pattern`;
      const hint = 'Write "1:5s;3:1m": 5 s from the 1st failure on, 1 minute from the 3rd.';
      report(file, { code: 'config.invalid_value', message, hint, path: ['retry', 'pattern'] });
    }
  }
}

function checkSchedule(schedule: JsonObject, file: CheckedFile, report: Rule['report']): void {
  const { cron, timezone } = schedule;
  if (typeof timezone === 'string' && !isTimeZone(timezone)) {
    const message = `"${timezone}" is not an IANA time zone`;
    report(file, {
      code: 'config.invalid_cron',
      message,
      hint: 'Write one such as Europe/Amsterdam.',
      path: ['schedule', 'timezone'],
    });
  }
  if (typeof cron !== 'string') return;
  try {
    new Cron(cron, { paused: true });
  } catch (error) {
    const reason = (error as Error).message.replace(/^CronPattern: /, '');
    const message = `"${cron}" is not a cron expression: ${reason}`;
    const hint = 'Write five fields: minute hour day month weekday, such as "*/5 * * * *".';
    report(file, { code: 'config.invalid_cron', message, hint, path: ['schedule', 'cron'] });
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function savedTransformer(file: CheckedFile | undefined): SavedTransformer | undefined {
  if (!file) return undefined;
  const { parameters, transformers } = content(file);
  return {
    parameters: (isObject(parameters) ? parameters : {}) as SavedTransformer['parameters'],
    transformers: Array.isArray(transformers) ? (transformers as readonly Json[]) : [],
  };
}

function sourceContext(rule: Rule, place: Place): SourceContext {
  const { files, broken, registry } = rule;
  return {
    registry,
    place,
    // What cannot be read is taken to be right: its own finding is enough.
    saved: (id) =>
      savedTransformer(files.transformers.get(id)) ??
      (broken.transformers.has(id) ? { parameters: {}, transformers: [] } : undefined),
    savedIds: [...files.transformers.keys()],
  };
}

/** Every value, rule, path and step of every file, and what components check by themselves. */
function sources(rule: Rule): void {
  const { files, registry } = rule;
  const places = [
    ['incoming', 'incoming'],
    ['routes', 'route'],
    ['outgoing', 'outgoing'],
    ['transformers', 'saved'],
  ] as const;
  for (const [kind, place] of places) {
    for (const file of files[kind].values()) {
      const steps = content(file)['transformers'];
      if (!Array.isArray(steps)) continue;
      const parameters =
        kind === 'transformers' ? { parameters: Object.keys(savedTransformer(file)?.parameters ?? {}) } : {};
      checkSteps(steps as readonly Json[], { ...sourceContext(rule, place), ...parameters }, (finding) =>
        rule.report(file, { ...finding, path: ['transformers', ...finding.path] }),
      );
    }
  }
  for (const { file, slot, name, options } of slots(rule)) {
    const definition = registry.component(slot, name);
    if (!definition) continue;
    const place = slot === 'subscriber' ? 'incoming' : 'outgoing';
    checkSource(definition.options, options, sourceContext(rule, place), (finding) =>
      rule.report(file, { ...finding, path: [slot, name, ...finding.path] }),
    );
    component(rule, file, slot, name, [slot, name]);
  }
}

function circles(rule: Rule): void {
  for (const [id, file] of rule.files.transformers) {
    const way = circle(rule, id, []);
    if (!way) continue;
    const message = `Saved transformers use each other in a circle: ${way.join(' → ')}`;
    rule.report(file, {
      code: 'config.recursive_transformer',
      message,
      hint: 'Take one of the uses out.',
      path: ['transformers'],
    });
  }
}

function circle(rule: Rule, id: string, way: readonly string[]): readonly string[] | undefined {
  if (way.includes(id)) return id === way[0] ? [...way, id] : undefined;
  const saved = savedTransformer(rule.files.transformers.get(id));
  for (const used of new Set(usedTransformers(saved?.transformers ?? []))) {
    const found = circle(rule, used, [...way, id]);
    if (found) return found;
  }
  return undefined;
}

/** A chain that makes several records of one needs an identifier that tells them apart. */
function splits(rule: Rule, steps: Json | undefined, seen: ReadonlySet<string> = new Set()): boolean {
  if (Array.isArray(steps)) return steps.some((step: Json) => splits(rule, step, seen));
  if (!isObject(steps)) return false;
  return Object.entries(steps).some(([name, options]) => {
    if (rule.registry.transformer(name)?.splits) return true;
    const used = name === 'use' && isObject(options) ? options['transformer'] : undefined;
    if (typeof used === 'string' && !seen.has(used)) {
      return splits(
        rule,
        savedTransformer(rule.files.transformers.get(used))?.transformers as Json,
        new Set([...seen, used]),
      );
    }
    return (
      isObject(options) &&
      Object.values(options).some((inner) => Array.isArray(inner) && splits(rule, inner, seen))
    );
  });
}

function identifiers(rule: Rule): void {
  for (const kind of ['incoming', 'routes'] as const) {
    for (const file of rule.files[kind].values()) {
      const { entity, transformers } = content(file);
      if (isObject(entity)) checkIdentifier(rule, file, entity['identifier']);
      else if (kind === 'routes' && splits(rule, transformers)) {
        const message =
          'The route makes several records of one, and has no entity of its own to tell them apart';
        const hint = 'Add entity: { type: …, identifier: … } to the route.';
        rule.report(file, {
          code: 'config.branch_without_identifier',
          message,
          hint,
          path: ['transformers'],
        });
      }
    }
  }
}

function checkIdentifier(rule: Rule, file: CheckedFile, identifier: Json | undefined): void {
  const expressions = Array.isArray(identifier) ? (identifier as readonly Json[]) : [identifier ?? null];
  expressions.forEach((expression, index) => {
    const path = ['entity', 'identifier', ...(Array.isArray(identifier) ? [index] : [])];
    const schema = { type: 'string', millrace: 'expression' } as never;
    checkSource(schema, expression, sourceContext(rule, 'incoming'), (finding) =>
      rule.report(file, { ...finding, path }),
    );
  });
}

/** A secret belongs into the environment: whoever reads the file would know it. */
function secrets({ files, registry, report }: Rule): void {
  for (const file of files.clients.values()) {
    const name = clientComponent(file);
    const definition = name === undefined ? undefined : registry.component('client', name);
    if (!definition || name === undefined) continue;
    for (const { path } of secretsIn(definition.options, content(file)[name], [name])) {
      if (file.fromEnvironment.has(JSON.stringify(path))) continue;
      const message = `"${String(path.at(-1))}" is a secret, and stands in the file`;
      const hint = 'Write ${NAME}, and set NAME in the environment or in .env.';
      report(file, { severity: 'warning', code: 'config.literal_secret', message, hint, path });
    }
  }
}

interface SecretSchema {
  readonly secret?: boolean;
  readonly properties?: Readonly<Record<string, SecretSchema>>;
}

/** The values of fields that their schema marks as secret. */
export function secretsIn(
  schema: unknown,
  value: Json | undefined,
  path: OptionPath,
): { path: OptionPath; value: string }[] {
  const { secret, properties = {} } = (schema ?? {}) as SecretSchema;
  if (secret && typeof value === 'string') return [{ path, value }];
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => secretsIn(properties[key], member, [...path, key]));
}
