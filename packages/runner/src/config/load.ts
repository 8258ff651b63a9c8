import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  canonicalJson,
  isObject,
  type Json,
  type JsonObject,
  type LookupTable,
  type Registry,
} from '@millrace/core';
import { parse as parseDotenv } from 'dotenv';
import { buildProject } from './build-project.ts';
import { type CheckedFile, checkFile, schemaCheck } from './check-file.ts';
import { discover, type Found } from './discover.ts';
import type { Environment } from './environment.ts';
import { KINDS, type Kind } from './kinds.ts';
import { readTable } from './lookups/read-table.ts';
import type { TableFile } from './lookups/table.ts';
import { loadPlugins, pluginUrl } from './plugins.ts';
import type { Finding, Project } from './project.ts';
import { projectFiles } from './project-paths.ts';
import { type Locking, loadReferences } from './references/load-references.ts';
import type { Recheck } from './references/name-uses.ts';
import type { Files } from './rules/rule.ts';
import { unusedTables } from './rules/tables.ts';
import { checkRules } from './rules.ts';
import { composeSchema, type JsonSchema } from './schema.ts';
import { readSource, type Source } from './source.ts';
import { trimSchema } from './trim-schema.ts';

export interface LoadOptions {
  /** `required` for commands that call systems: there a variable that is not set is an error. */
  readonly environment: 'required' | 'lenient';
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default: as `environment`. */
  readonly locking?: Locking;
  /** Files are shown relative to it. Default: the working directory. */
  readonly cwd?: string;
}

export interface Loaded {
  /** Given when no finding is an error. Frozen. */
  readonly project?: Project;
  /** All of them, by file and place. */
  readonly findings: readonly Finding[];
  readonly registry: Registry;
  readonly schema: JsonSchema;
  /** The findings of its rules with other tables in the place of its own. */
  readonly recheck: Recheck;
}

type Broken = Readonly<Record<Kind, Set<string>>>;

/** Loads every file of a project and checks them all. Calls no system. */
export async function loadProject(folder: string, options: LoadOptions): Promise<Loaded> {
  const cwd = options.cwd ?? process.cwd();
  const directory = resolve(cwd, folder);
  const found = await discover(directory, cwd);
  const findings: Finding[] = [...found.findings];
  const environment = await readEnvironment(directory, options.env);
  const required = options.environment === 'required';

  const settingsSource = await readSettings(found, cwd, findings);
  const packages = pluginNames(settingsSource?.content);
  const plugins = await loadPlugins(directory, packages, found.plugins, cwd);
  findings.push(...plugins.findings);
  const { registry } = plugins;
  const schema = composeSchema(registry);
  const sources = await readSources(found, cwd, findings);
  const contents = [settingsSource, ...sources.map(({ source }) => source)].map(
    (one) => one?.content ?? null,
  );
  const check = schemaCheck(trimSchema(schema, contents));

  const settings =
    settingsSource && checkFile(settingsSource, check.validator('settings'), environment, required, findings);
  const { files, broken } = checkFiles(sources, (kind, source) =>
    checkFile(source, check.validator(kind), environment, required, findings),
  );
  const tableFiles = await readTables(found, cwd, findings);
  const lookups = new Map([...tableFiles].map(([id, { table }]) => [id, table]));
  const references = await loadReferences({
    directory,
    files,
    registry,
    locking: options.locking ?? options.environment,
  });
  findings.push(...references.findings);
  const tables = new Map<string, LookupTable>([...references.tables, ...lookups]);
  const rule = {
    files,
    broken,
    registry,
    tables,
    lookups: new Set(lookups.keys()),
    projectFiles: projectFiles(directory),
    ...(settings && { settings }),
  };
  findings.push(...checkRules(rule), ...unusedTables(rule).flatMap((id) => unused(id, tableFiles.get(id))));
  const recheck: Recheck = (others) => checkRules({ ...rule, tables: others });
  const sorted = arrange(findings);
  if (sorted.some((finding) => finding.severity === 'error'))
    return { findings: sorted, registry, schema, recheck };
  const fallback = check.validator('settings');
  const content = settings?.content ?? withDefaults(fallback);
  const project = buildProject({
    directory,
    settings: content as JsonObject,
    files,
    registry,
    hash: hashOf,
    pluginVersions: found.plugins.map(pluginUrl),
    tables,
  });
  return { project, findings: sorted, registry, schema, recheck };
}

function withDefaults(validate: (value: unknown) => unknown): Json {
  const empty = {};
  validate(empty);
  return empty;
}

async function readEnvironment(directory: string, env: LoadOptions['env']): Promise<Environment> {
  const text = await readFile(join(directory, '.env'), 'utf8').catch(() => '');
  const file = parseDotenv(text);
  return (name) => env[name] ?? (Object.hasOwn(file, name) ? file[name] : undefined);
}

async function readSettings(found: Found, cwd: string, findings: Finding[]): Promise<Source | undefined> {
  if (found.settings === undefined) return undefined;
  const { source, findings: more } = await readSource(found.settings, cwd);
  findings.push(...more);
  return source?.content === undefined ? undefined : source;
}

function pluginNames(settings: Json | undefined): readonly string[] {
  const plugins = isObject(settings) ? settings['plugins'] : undefined;
  return Array.isArray(plugins) ? plugins.filter((name): name is string => typeof name === 'string') : [];
}

interface FoundSource {
  readonly file: Found['files'][number];
  /** Absent where it cannot be read. */
  readonly source: Source | undefined;
}

async function readSources(found: Found, cwd: string, findings: Finding[]): Promise<readonly FoundSource[]> {
  const read = await Promise.all(
    found.files.map(async (file) => ({ file, ...(await readSource(file.path, cwd)) })),
  );
  return read.map(({ file, source, findings: more }) => {
    findings.push(...more);
    return { file, source };
  });
}

function checkFiles(
  sources: readonly FoundSource[],
  check: (kind: Kind, source: Source) => CheckedFile,
): { files: Files; broken: Broken } {
  const files = Object.fromEntries(KINDS.map((kind) => [kind, new Map()])) as Record<
    Kind,
    Map<string, CheckedFile>
  >;
  const broken = Object.fromEntries(KINDS.map((kind) => [kind, new Set()])) as unknown as Record<
    Kind,
    Set<string>
  >;
  for (const { file, source } of sources) {
    if (source?.content === undefined) broken[file.kind].add(file.id);
    else files[file.kind].set(file.id, check(file.kind, source));
  }
  return { files, broken };
}

async function readTables(
  found: Found,
  cwd: string,
  findings: Finding[],
): Promise<ReadonlyMap<string, TableFile>> {
  const read = await Promise.all(
    found.tables.map(async ({ id, path }) => [id, await readTable(path, cwd)] as const),
  );
  for (const [, { findings: more }] of read) findings.push(...more);
  return new Map(read);
}

function unused(id: string, file: TableFile | undefined): Finding[] {
  const message = `Nothing uses the lookup table "${id}"`;
  const hint = 'Remove the file, or use it: the transformer lookup, the function lookup.';
  return file
    ? [
        {
          severity: 'warning',
          code: 'config.unused_table',
          message,
          hint,
          file: file.file,
          line: 1,
          column: 1,
        },
      ]
    : [];
}

function hashOf(content: Json): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}

const ORDER = { error: 0, warning: 1, info: 2 } as const;

/** One finding for one mistake, errors first, then by file and place. */
export function arrange(findings: readonly Finding[]): readonly Finding[] {
  const unique = new Map<string, Finding>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.file, finding.line, finding.column, finding.code, finding.path]);
    if (!unique.has(key)) unique.set(key, finding);
  }
  return [...unique.values()].sort(
    (a, b) =>
      ORDER[a.severity] - ORDER[b.severity] ||
      (a.file ?? '').localeCompare(b.file ?? '') ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}
