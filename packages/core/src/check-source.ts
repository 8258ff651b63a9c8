import type { TSchema } from 'typebox';
import type { SavedTransformer } from './compile.ts';
import type { ProjectFiles } from './define.ts';
import { MillraceError } from './errors.ts';
import { compileJmespath } from './expressions/jmespath.ts';
import { compileRule } from './expressions/json-logic.ts';
import { inside, type Place, type Scope } from './expressions/scope.ts';
import type { Services } from './expressions/services.ts';
import { compileValue } from './expressions/value.ts';
import type { OptionPath, Report } from './findings.ts';
import { FORBIDDEN_KEYS, isObject, type Json, type JsonObject } from './json.ts';
import { suggestion } from './option-findings.ts';
import { checkOptions } from './options.ts';
import { staticType, typeFault } from './parameters.ts';
import { parsePath } from './paths/path.ts';
import { compilePattern } from './paths/pattern.ts';
import { checkLookupName } from './references/check-lookup-name.ts';
import type { Registry } from './registry.ts';
import type { Role } from './schema.ts';
import { splitsRecords } from './uses.ts';

/** What a static check of options knows of the project around them. */
export interface SourceContext {
  readonly registry: Pick<Registry, 'transformer' | 'names'>;
  readonly place: Place;
  /** Parameters, where the source is a saved transformer's. */
  readonly parameters?: readonly string[];
  /** Saved transformers by id, and their ids. */
  readonly saved: (id: string) => SavedTransformer | undefined;
  readonly savedIds: readonly string[];
  readonly services: Services;
  /** Ids of the storages and clients of the project; what could not be read is among them. */
  readonly storages: ReadonlySet<string>;
  readonly clients: ReadonlyMap<string, KnownClient | undefined>;
  readonly files?: ProjectFiles;
}

/** What a client's file says it is; undefined in its place where that could not be read. */
export interface KnownClient {
  readonly component: string;
  /** Whether it can be asked by HTTP. */
  readonly requests: boolean;
}

type Annotated = TSchema & {
  readonly millrace?: Role;
  readonly millraceKeys?: 'path' | 'name';
  readonly millraceContained?: boolean;
  readonly millraceClient?: string;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly additionalProperties?: TSchema | boolean;
  readonly patternProperties?: Readonly<Record<string, TSchema>>;
  readonly items?: TSchema;
  readonly anyOf?: readonly TSchema[];
  readonly then?: TSchema;
  readonly else?: TSchema;
};

/**
 * Walks options along their schema and reports every value, rule, expression, path and step in them that is wrong.
 * The options have passed their schema already. Calls no system.
 */
export function checkSource(schema: TSchema, options: Json, context: SourceContext, report: Report): void {
  new SourceCheck(context).node(schema, options, scopeOf(context, report));
}

/** Checks a chain as it stands in a file: each step's name, its options, and what is in them. */
export function checkSteps(steps: readonly Json[], context: SourceContext, report: Report): void {
  new SourceCheck(context).steps(steps, scopeOf(context, report));
}

function scopeOf({ place, services, parameters }: SourceContext, report: Report): Scope {
  return { place, services, report, at: [], ...(parameters && { parameters }) };
}

class SourceCheck {
  readonly #context: SourceContext;

  constructor(context: SourceContext) {
    this.#context = context;
  }

  node(schema: TSchema, value: Json, scope: Scope): void {
    const annotated = schema as Annotated;
    const within = annotated.millraceContained ? ({ ...scope, contained: true } as Scope) : scope;
    if (annotated.millrace === 'client') this.#client(value, annotated.millraceClient, scope);
    else if (annotated.millrace) this.#role(annotated.millrace, value, within);
    if (Array.isArray(value)) {
      const items = annotated.then ? (annotated.then as Annotated).items : annotated.items;
      if (items) value.forEach((member: Json, index) => void this.node(items, member, inside(scope, index)));
    } else if (isObject(value)) this.#object(annotated, value, scope);
    for (const choice of annotated.anyOf ?? []) {
      if (checkOptions(choice, value, () => {}) !== undefined) this.node(choice, value, scope);
    }
  }

  #object(schema: Annotated, value: JsonObject, scope: Scope): void {
    for (const [key, member] of Object.entries(value)) {
      if (schema.millraceKeys === 'path') this.#path(key, { ...inside(scope, key), key: true } as Scope);
      if (schema.millraceKeys === 'name' && FORBIDDEN_KEYS.has(key)) {
        const message = `"${key}" cannot be a key`;
        scope.report({ code: 'config.invalid_path', message, path: [...scope.at, key], atKey: true });
      }
      const patterns = Object.values(schema.patternProperties ?? {});
      const fallback =
        typeof schema.additionalProperties === 'object' ? schema.additionalProperties : patterns[0];
      const child = schema.properties?.[key] ?? fallback;
      if (child) this.node(child, member, inside(scope, key));
    }
    if (schema.else) this.node(schema.else, value, scope);
  }

  #role(role: Exclude<Role, 'client'>, value: Json, scope: Scope): void {
    switch (role) {
      case 'value':
        compileValue(value, scope);
        break;
      case 'condition':
        compileRule(value, scope);
        break;
      case 'expression':
        if (typeof value === 'string') compileJmespath(value, scope);
        break;
      case 'path':
        if (typeof value === 'string') this.#path(value, scope);
        break;
      case 'pattern':
        if (typeof value === 'string') this.#guard(() => compilePattern(value), scope);
        break;
      case 'steps':
        if (Array.isArray(value)) this.steps(value, scope);
        break;
      case 'table':
        this.#reference('lookup table', value, new Set(this.#context.services.tables.keys()), scope);
        break;
      case 'storage':
        this.#reference('storage', value, this.#context.storages, scope);
        break;
      case 'duration':
        break;
    }
  }

  #client(id: Json, wanted: string | undefined, scope: Scope): void {
    const { clients } = this.#context;
    this.#reference('client', id, new Set(clients.keys()), scope);
    const known = clients.get(String(id));
    if (!known || (wanted === undefined ? known.requests : known.component === wanted)) return;
    const need = wanted === undefined ? 'cannot be asked by HTTP' : `and it must be of type ${wanted}`;
    const message = `Client "${String(id)}" is of type ${known.component}, ${wanted === undefined ? 'which ' : ''}${need}`;
    scope.report({ code: 'config.wrong_client', message, hint: 'Name another client.', path: scope.at });
  }

  #reference(noun: string, id: Json, ids: ReadonlySet<string>, scope: Scope): void {
    if (typeof id !== 'string' || ids.has(id)) return;
    scope.report({
      code: 'config.unknown_reference',
      message: `There is no ${noun} "${id}"`,
      hint: suggestion(id, [...ids], 'there is'),
      path: scope.at,
    });
  }

  steps(steps: readonly Json[], scope: Scope): void {
    steps.forEach((step, index) => void this.#step(step, inside(scope, index)));
  }

  #step(step: Json, scope: Scope): void {
    const keys = isObject(step) ? Object.keys(step) : [];
    const [name] = keys;
    if (!isObject(step) || keys.length !== 1 || name === undefined) {
      const message = 'A step is an object with exactly one key, the name of a transformer';
      scope.report({
        code: 'config.wrong_type',
        message,
        hint: 'Put each transformer behind a dash of its own.',
        path: scope.at,
      });
      return;
    }
    const at = inside(scope, name);
    const definition = this.#context.registry.transformer(name);
    if (!definition) {
      const hint = suggestion(name, this.#context.registry.names('transformer'), 'there is');
      const message = `There is no transformer called "${name}"`;
      scope.report({ code: 'config.unknown_transformer', message, hint, path: at.at, atKey: true });
      return;
    }
    const here = relativeReport(at);
    const checked = checkOptions(definition.options, step[name] ?? null, here, name);
    // What stands inside is looked at even where the form is wrong: all mistakes at once.
    const options = checked ?? step[name] ?? null;
    this.node(definition.options, options, at);
    if (checked !== undefined) definition.check?.(checked as never, here, this.#context.files);
    const { registry, place, saved } = this.#context;
    const splits = () => splitsRecords([step], registry, (id) => saved(id)?.transformers);
    if (
      place === 'outgoing' &&
      !('contained' in scope) &&
      (definition.splits || (name === 'use' && splits()))
    ) {
      const message = `"${name}" makes several records of one, and an outgoing sends one message a task`;
      const hint = 'Move it to the route, and give the route an entity of its own.';
      scope.report({ code: 'config.branch_in_outgoing', message, hint, path: at.at, atKey: true });
    }
    if (name === 'use' && checked !== undefined) this.#use(checked as JsonObject, at);
    if (name === 'lookup' && checked !== undefined)
      this.#guard(() => checkLookupName(checked as JsonObject, this.#context.services), inside(at, 'key'));
  }

  #use(options: JsonObject, scope: Scope): void {
    const id = String(options['transformer']);
    const saved = this.#context.saved(id);
    const at = inside(scope, 'transformer');
    if (!saved) {
      const hint = suggestion(id, this.#context.savedIds, 'there is');
      const message = `There is no saved transformer "${id}"`;
      scope.report({ code: 'config.unknown_reference', message, hint, path: at.at });
      return;
    }
    const given = isObject(options['with']) ? options['with'] : {};
    const names = Object.keys(saved.parameters);
    for (const [name, source] of Object.entries(given)) {
      if (names.includes(name)) {
        const type = staticType(source);
        const fault = type === undefined ? undefined : typeFault(name, saved.parameters[name]?.type, type);
        const path = [...scope.at, 'with', name];
        if (fault !== undefined) scope.report({ code: 'config.wrong_type', message: fault, path });
        continue;
      }
      const hint = suggestion(name, names, 'its parameters');
      const message = `"${id}" has no parameter "${name}"`;
      scope.report({
        code: 'config.unknown_option',
        message,
        hint,
        path: [...scope.at, 'with', name],
        atKey: true,
      });
    }
    for (const name of names) {
      if (Object.hasOwn(given, name) || saved.parameters[name]?.default !== undefined) continue;
      const message = `"${id}" needs the parameter "${name}"`;
      scope.report({ code: 'config.missing_option', message, hint: `Add it under "with".`, path: scope.at });
    }
  }

  #path(path: string, scope: Scope): void {
    this.#guard(() => parsePath(path), scope);
  }

  #guard(work: () => unknown, scope: Scope): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      const { code, message, hint } = error;
      scope.report({
        code,
        message,
        ...(hint && { hint }),
        path: scope.at,
        ...('key' in scope && { atKey: true }),
      });
    }
  }
}

function relativeReport(scope: Scope): Report {
  return (finding) => scope.report({ ...finding, path: [...scope.at, ...finding.path] as OptionPath });
}
