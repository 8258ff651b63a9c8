import { createChain, type Step } from './chain.ts';
import type { Client, Logger } from './contracts.ts';
import type { Chain, Compiler, Dependencies, Evaluate, Parameters, SavedChain } from './define.ts';
import { MillraceError } from './errors.ts';
import { compileCondition } from './expressions/json-logic.ts';
import type { Place, Scope } from './expressions/scope.ts';
import { type LookupTable, NO_SERVICES, type Services } from './expressions/services.ts';
import { compileMembers, compileValue } from './expressions/value.ts';
import type { OptionPath, Report } from './findings.ts';
import { FORBIDDEN_KEYS, isObject, type Json, type JsonObject } from './json.ts';
import { checkOptions } from './options.ts';
import { NO_FILES } from './project-files.ts';
import type { Registry } from './registry.ts';

/** A file of `transformers/`, as far as the compiler needs it. */
export interface SavedTransformer {
  readonly parameters: Parameters;
  readonly transformers: readonly Json[];
}

export interface CompilerOptions {
  readonly registry: Pick<Registry, 'transformer'>;
  readonly place: Place;
  readonly saved: (id: string) => SavedTransformer | undefined;
  /** Clock and tables of the project. Default: the machine's clock, no tables. */
  readonly services?: Services;
  /** Clients of the project. Default: there is none. */
  readonly clientOf?: (id: string) => Client;
  readonly log: Logger;
  readonly resolvePath: (path: string) => string;
  /** The text of a file of the project. Default: there is none. */
  readonly readFile?: (path: string) => string;
}

const throwing: Report = ({ code, message, hint, path }) => {
  throw new MillraceError(code, message, {
    ...(hint && { hint }),
    ...(path.length > 0 && { path: path.join('.') }),
  });
};

function noClient(id: string): never {
  throw new MillraceError('config.unknown_reference', `There is no client "${id}"`);
}

/** A compiler for one place of a project. Checked sources compile; the first mistake of an unchecked one is thrown. */
export function createCompiler(options: CompilerOptions): Compiler {
  return new SourceCompiler(options, undefined, [], new Map());
}

class SourceCompiler implements Compiler {
  readonly #options: CompilerOptions;
  readonly #scope: Scope;
  readonly #services: Services;
  /** Ids of the saved transformers around this source. */
  readonly #using: readonly string[];
  /** Saved transformers that are compiled already: their chains depend on nothing but the place. */
  readonly #saved: Map<string, SavedChain>;

  constructor(
    options: CompilerOptions,
    parameters: readonly string[] | undefined,
    using: readonly string[],
    saved: Map<string, SavedChain>,
  ) {
    this.#options = options;
    this.#using = using;
    this.#saved = saved;
    const { place, services = NO_SERVICES } = options;
    this.#services = services;
    this.#scope = { place, services, report: throwing, at: [], ...(parameters && { parameters }) };
  }

  value(source: Json): Evaluate {
    return compileValue(source, this.#scope);
  }

  object(members: Readonly<Record<string, Json>>): Evaluate {
    for (const key of Object.keys(members)) {
      if (FORBIDDEN_KEYS.has(key)) throw new MillraceError('config.invalid_path', `"${key}" cannot be a key`);
    }
    return compileMembers(
      Object.entries(members).map(([key, source]): [string, Evaluate] => [key, this.value(source)]),
    );
  }

  condition(rule: Json) {
    return compileCondition(rule, this.#scope);
  }

  chain(steps: readonly Json[], label: string | OptionPath = 'transformers'): Chain {
    return createChain(
      steps.map((step) => this.#step(step)),
      label,
    );
  }

  table(id: string): LookupTable {
    const table = this.#services.tables.get(id);
    if (!table) throw new MillraceError('config.unknown_reference', `There is no lookup table "${id}"`);
    return table;
  }

  now(): number {
    return this.#services.now();
  }

  saved(id: string): SavedChain {
    const known = this.#saved.get(id);
    if (known) return known;
    const saved = this.#options.saved(id);
    if (!saved) throw new MillraceError('config.unknown_reference', `There is no saved transformer "${id}"`);
    if (this.#using.includes(id)) {
      const circle = [...this.#using, id].join(' → ');
      throw new MillraceError(
        'config.recursive_transformer',
        `Saved transformers use each other in a circle: ${circle}`,
      );
    }
    const { parameters, transformers } = saved;
    const inner = new SourceCompiler(
      this.#options,
      Object.keys(parameters),
      [...this.#using, id],
      this.#saved,
    );
    const compiled = { chain: inner.chain(transformers, id), parameters };
    this.#saved.set(id, compiled);
    return compiled;
  }

  #step(step: Json): Step {
    const [name = ''] = isObject(step) ? Object.keys(step) : [];
    const definition = this.#options.registry.transformer(name);
    if (!definition)
      throw new MillraceError('config.unknown_transformer', `There is no transformer called "${name}"`);
    const checked = checkOptions(definition.options, (step as JsonObject)[name] ?? null, throwing, name);
    const { log, resolvePath, clientOf = noClient, readFile = NO_FILES.readFile } = this.#options;
    const dependencies: Dependencies = { compile: this, log, resolvePath, readFile, clientOf };
    return { name, transformer: definition.create(checked as never, dependencies) };
  }
}
