import {
  type Component,
  checkOptions,
  isObject,
  type Json,
  type OptionFinding,
  type OptionPath,
  Steps,
  suggestion,
  usedClients,
  usedTransformers,
  walkSteps,
} from '@millrace/core';
import type { TSchema } from 'typebox';
import type { CheckedFile } from '../check-file.ts';
import type { Kind } from '../kinds.ts';
import {
  COMMON_KEYS,
  clientComponent,
  content,
  dangling,
  type Rule,
  savedTransformer,
  slots,
} from './rule.ts';

export function clients({ files, registry, report, projectFiles }: Rule): void {
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
    for (const name of names) component({ registry, report, projectFiles }, file, 'client', name, [name]);
  }
}

/** A component's own check, on options that have passed its schema. */
export function component(
  { registry, report, projectFiles }: Pick<Rule, 'registry' | 'report' | 'projectFiles'>,
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
  if (!definition?.check || !isObject(options)) return;
  // What else is wrong in the file does not hide what is wrong here.
  const { client: _, ...own } = options;
  const checked = checkOptions(definition.options, definition.client ? own : options, () => {});
  if (checked === undefined) return;
  const here = (finding: OptionFinding) => report(file, { ...finding, path: [...at, ...finding.path] });
  definition.check(checked as never, here, projectFiles);
}

const NOUNS: Readonly<Record<Kind, string>> = {
  clients: 'client',
  incoming: 'incoming',
  routes: 'route',
  outgoing: 'outgoing',
  transformers: 'saved transformer',
  storages: 'storage',
  references: 'reference',
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

export function references(rule: Rule): void {
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

const WRITERS = new Set(['storage.set', 'storage.delete', 'changed']);

/** True where a chain keeps something in a storage, itself or by a saved transformer that it uses. */
function writesStorage({ files, registry }: Rule, file: CheckedFile): boolean {
  const seen = new Set<string>();
  const writes = (steps: Json | undefined): boolean => {
    const found = [...walkSteps(steps ?? null, registry)];
    const used = usedTransformers((Array.isArray(steps) ? steps : []) as readonly Json[], registry);
    return (
      found.some(({ name }) => WRITERS.has(name)) ||
      used.some((id) => {
        if (seen.has(id)) return false;
        seen.add(id);
        return writes(savedTransformer(files.transformers.get(id))?.transformers as Json);
      })
    );
  };
  return writes(content(file)['transformers']);
}

/** What nothing uses. A reference that dangles may have meant it: then there is one mistake, not two. */
export function usage(rule: Rule): void {
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
      // One that fills a storage has done its work.
      if (kind === 'incoming' && writesStorage(rule, file)) continue;
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
  unusedClients(rule);
}

const STEPS = Steps({ description: 'A chain' });
/** Kinds whose files may name clients. */
const USERS = ['incoming', 'routes', 'outgoing', 'transformers'] as const;

function unusedClients(rule: Rule): void {
  const { files, broken, registry, report } = rule;
  const users = USERS.flatMap((kind) => [...files[kind].values()]);
  const used = new Set<Json | undefined>();
  const look = (schema: TSchema, options: Json | undefined) => {
    for (const id of usedClients(schema, options ?? null, registry)) used.add(id);
  };
  for (const { slot, name, options } of slots(rule)) {
    used.add(options['client']);
    const definition = registry.component(slot, name);
    if (definition) look(definition.options, options);
  }
  for (const file of users) look(STEPS, content(file)['transformers']);
  for (const file of files.references.values()) {
    const options = content(file)[clientComponent(file) ?? ''];
    if (isObject(options)) used.add(options['client']);
  }
  const unsure =
    USERS.some((kind) => broken[kind].size > 0) ||
    broken.references.size > 0 ||
    [...users, ...files.references.values()].some((file) => !file.valid) ||
    [...used].some((id) => dangling(rule, 'clients', id));
  if (unsure) return;
  for (const [id, file] of files.clients) {
    if (used.has(id)) continue;
    const message = `Nothing uses client "${id}"`;
    const hint = 'Remove the file, or name it in an incoming, an outgoing or a step "request".';
    report(file, { severity: 'warning', code: 'config.unused_client', message, hint, path: [] });
  }
}
