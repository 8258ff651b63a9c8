import {
  checkSource,
  checkSteps,
  defaultFault,
  isObject,
  type Json,
  type KnownClient,
  type Place,
  type SourceContext,
  splitsRecords,
  usedTransformers,
} from '@millrace/core';
import type { CheckedFile } from '../check-file.ts';
import { component } from './references.ts';
import { clientComponent, content, type Rule, savedTransformer, slots } from './rule.ts';

/** Every client of the project; undefined for what cannot be read, or is of a type that nobody offers. */
function knownClients({ files, broken, registry }: Rule): SourceContext['clients'] {
  const clients = new Map<string, KnownClient | undefined>();
  for (const id of broken.clients) clients.set(id, undefined);
  for (const [id, file] of files.clients) {
    const component = clientComponent(file);
    const definition = component === undefined ? undefined : registry.component('client', component);
    clients.set(
      id,
      component !== undefined && definition
        ? { component, requests: definition.requests === true }
        : undefined,
    );
  }
  return clients;
}

function sourceContext(rule: Rule, place: Place): SourceContext {
  const { files, broken, registry, tables, projectFiles } = rule;
  return {
    registry,
    place,
    services: { now: () => Date.now(), tables },
    storages: new Set([...files.storages.keys(), ...broken.storages]),
    clients: knownClients(rule),
    // What cannot be read is taken to be right: its own finding is enough.
    saved: (id) =>
      savedTransformer(files.transformers.get(id)) ??
      (broken.transformers.has(id) ? { parameters: {}, transformers: [] } : undefined),
    savedIds: [...files.transformers.keys()],
    files: projectFiles,
  };
}

/** Every value, rule, path and step of every file, and what components check by themselves. */
export function sources(rule: Rule): void {
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
    const place = slot === 'publisher' ? 'outgoing' : 'incoming';
    checkSource(definition.options, options, sourceContext(rule, place), (finding) =>
      rule.report(file, { ...finding, path: [slot, name, ...finding.path] }),
    );
    component(rule, file, slot, name, [slot, name]);
  }
}

export function circles(rule: Rule): void {
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
  for (const used of new Set(usedTransformers(saved?.transformers ?? [], rule.registry))) {
    const found = circle(rule, used, [...way, id]);
    if (found) return found;
  }
  return undefined;
}

/** Defaults of parameters that are not of their type. */
export function parameters(rule: Rule): void {
  for (const file of rule.files.transformers.values()) {
    for (const [name, parameter] of Object.entries(savedTransformer(file)?.parameters ?? {})) {
      if (!isObject(parameter)) continue;
      const message = defaultFault(name, parameter);
      const path = ['parameters', name, 'default'];
      if (message !== undefined) rule.report(file, { code: 'config.wrong_type', message, path });
    }
  }
}

/** A chain that makes several records of one needs an identifier that tells them apart. */
function splits(rule: Rule, steps: Json | undefined): boolean {
  const saved = (id: string) => savedTransformer(rule.files.transformers.get(id))?.transformers;
  return splitsRecords(steps ?? null, rule.registry, saved);
}

export function identifiers(rule: Rule): void {
  for (const kind of ['incoming', 'routes'] as const) {
    for (const file of rule.files[kind].values()) {
      const { entity, transformers } = content(file);
      if (isObject(entity)) {
        checkIdentity(rule, file, 'identifier', entity['identifier']);
        if (entity['version'] !== undefined) checkIdentity(rule, file, 'version', entity['version']);
      }
      if (!isObject(entity) && kind === 'routes' && splits(rule, transformers)) {
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

function checkIdentity(
  rule: Rule,
  file: CheckedFile,
  option: 'identifier' | 'version',
  given: Json | undefined,
): void {
  const expressions = Array.isArray(given) ? (given as readonly Json[]) : [given ?? null];
  expressions.forEach((expression, index) => {
    const path = ['entity', option, ...(Array.isArray(given) ? [index] : [])];
    const schema = { type: 'string', millrace: 'expression' } as never;
    checkSource(schema, expression, sourceContext(rule, 'incoming'), (finding) =>
      rule.report(file, { ...finding, path }),
    );
  });
}
