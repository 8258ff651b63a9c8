import {
  checkOptions,
  isObject,
  type Json,
  type JsonObject,
  type OptionFinding,
  ReferenceTable,
  type Registry,
} from '@millrace/core';
import { type CheckedFile, locateFinding } from '../check-file.ts';
import type { Finding } from '../project.ts';
import { clientComponent, content, type Files } from '../rules/rule.ts';
import { LOCK_FILE, type Lock, readLock } from './lock-file.ts';
import { tablesOf } from './tables-of.ts';

/**
 * What is made of names that are not locked: an error, for whoever runs; a warning, for whoever only looks; or nothing,
 * and every name is good, for whoever locks them.
 */
export type Locking = 'required' | 'lenient' | 'open';

export interface ReferencesRequest {
  readonly directory: string;
  readonly files: Files;
  readonly registry: Registry;
  readonly locking: Locking;
}

export interface LoadedReferences {
  readonly tables: ReadonlyMap<string, ReferenceTable>;
  readonly findings: readonly Finding[];
}

/** A table of which nothing is known yet: every name may be in it. */
class OpenTable extends ReferenceTable {
  constructor() {
    super([]);
  }

  override checkName(): void {}
}

/** The tables of `references/`, with what is locked of them for the systems that the clients lead to. */
export async function loadReferences(request: ReferencesRequest): Promise<LoadedReferences> {
  const { directory, files, locking } = request;
  if (files.references.size === 0) return { tables: new Map(), findings: [] };
  const findings: Finding[] = [];
  let lock: Lock = new Map();
  try {
    if (locking !== 'open') lock = await readLock(directory);
  } catch (error) {
    const message = `The lock file cannot be used: ${(error as Error).message}`;
    const hint = 'Write it anew with `millrace lock`.';
    findings.push({ severity: 'error', code: 'config.syntax', message, hint, file: LOCK_FILE });
  }
  const tables = new Map<string, ReferenceTable>();
  for (const [id, file] of files.references) {
    const report = (finding: OptionFinding) => void findings.push(locateFinding(file.source, finding));
    readFileOf(id, file, { ...request, lock, report, tables });
  }
  return { tables, findings };
}

interface FileRequest extends ReferencesRequest {
  readonly lock: Lock;
  readonly report: (finding: OptionFinding) => void;
  readonly tables: Map<string, ReferenceTable>;
}

function readFileOf(id: string, file: CheckedFile, request: FileRequest): void {
  const { registry, lock, locking, report, tables } = request;
  const name = clientComponent(file);
  const component = name === undefined ? undefined : registry.component('reference', name);
  const options = name === undefined ? undefined : content(file)[name];
  if (!component || !isObject(options) || name === undefined) return;
  const { client, ...own } = options;
  const checked = checkOptions(component.options, own, () => {});
  if (checked === undefined) return;
  const system = systemOf(client, request);
  const missing: string[] = [];
  for (const table of tablesOf(component, checked as JsonObject)) {
    const key = `${id}/${table}`;
    const locked = lock.get(key);
    // Where it cannot be told which system is meant, the first one that was locked will do: nothing is asked of it.
    const records = system === undefined ? locked?.values().next().value : locked?.get(system);
    tables.set(key, records ? new ReferenceTable(records) : new OpenTable());
    if (!records) missing.push(table);
  }
  const [first] = missing;
  if (first === undefined || locking === 'open') return;
  const named = missing.map((table) => `"${id}/${table}"`).join(', ');
  const where = system === undefined ? '' : ` of ${system}`;
  report({
    severity: locking === 'required' ? 'error' : 'warning',
    code: 'config.not_locked',
    message: `It is not known yet what stands for the names in ${named}${where}`,
    hint: 'Run `millrace lock`, and commit millrace.lock.yaml.',
    path: [name, 'tables', ...(missing.length === 1 ? [first] : [])],
    atKey: true,
  });
}

/** The system that a client leads to; undefined where a variable of it is not set, or it is not right. */
export function systemOf(
  client: Json | undefined,
  { files, registry }: Pick<ReferencesRequest, 'files' | 'registry'>,
): string | undefined {
  const file = files.clients.get(String(client));
  const name = file && clientComponent(file);
  if (!file || name === undefined || file.unresolved.size > 0) return undefined;
  const component = registry.component('client', name);
  const options = content(file)[name];
  const checked =
    component && isObject(options) ? checkOptions(component.options, options, () => {}) : undefined;
  if (!component || checked === undefined) return undefined;
  return component.system?.(checked as never) ?? String(client);
}
