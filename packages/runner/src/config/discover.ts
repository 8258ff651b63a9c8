import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KINDS, type Kind } from './kinds.ts';
import type { Finding } from './project.ts';
import { shownPath } from './source.ts';

export interface FoundFile {
  readonly kind: Kind;
  readonly id: string;
  readonly path: string;
}

export interface Found {
  readonly files: readonly FoundFile[];
  /** Lookup tables. */
  readonly tables: readonly { readonly id: string; readonly path: string }[];
  /** Paths of local plugins. */
  readonly plugins: readonly string[];
  readonly settings?: string;
  readonly findings: Finding[];
}

const ID = /^[a-z0-9-]+(?:\/[a-z0-9-]+)*$/;

/** Finds the files of a project by their folders. */
export async function discover(directory: string, cwd: string): Promise<Found> {
  const findings: Finding[] = [];
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => undefined);
  if (!entries) {
    findings.push({
      severity: 'error',
      code: 'config.unreadable',
      message: `There is no project folder "${shownPath(directory, cwd)}"`,
      hint: 'Name the folder with --config DIR.',
    });
    return { files: [], tables: [], plugins: [], findings };
  }
  const files: FoundFile[] = [];
  const tables: { id: string; path: string }[] = [];
  const seen = new Map<string, string>();
  for (const kind of [...KINDS, 'lookups'] as const) {
    for (const name of await list(join(directory, kind))) {
      const path = join(directory, kind, name);
      const file = shownPath(path, cwd);
      if (/\.test\.ya?ml$/.test(name) || name.split('/').includes('fixtures')) continue;
      const match = /^(.*)\.(yaml|yml|json|csv)$/.exec(name);
      const id = match?.[1] ?? '';
      const extension = match?.[2];
      if (!match || (kind !== 'lookups' && (extension === 'json' || extension === 'csv'))) continue;
      if (extension === 'yml') {
        const message = 'Files of a project end in .yaml';
        findings.push({
          severity: 'error',
          code: 'config.invalid_id',
          message,
          hint: `Rename it to ${id}.yaml.`,
          file,
        });
      } else if (!ID.test(id)) {
        const message = `"${id}" cannot be an id`;
        const hint = 'Use lower case letters, digits, "-" and "/" only.';
        findings.push({ severity: 'error', code: 'config.invalid_id', message, hint, file });
      }
      const twin = seen.get(`${kind}/${id}`);
      if (twin !== undefined) {
        const message = `"${id}" has two files: this one and ${twin}`;
        findings.push({
          severity: 'error',
          code: 'config.duplicate_id',
          message,
          hint: 'Remove or rename one of them.',
          file,
        });
      }
      seen.set(`${kind}/${id}`, file);
      if (extension === 'yml' || !ID.test(id)) continue;
      if (kind === 'lookups') tables.push({ id, path });
      else files.push({ kind, id, path });
    }
  }
  const plugins = (await list(join(directory, 'plugins'))).filter(
    (name) => /^[^/]+\.ts$/.test(name) && !/\.(test|d)\.ts$/.test(name),
  );
  const settings = entries.find((entry) => entry.isFile() && entry.name === 'millrace.yaml');
  return {
    files,
    tables,
    plugins: plugins.map((name) => join(directory, 'plugins', name)),
    ...(settings && { settings: join(directory, 'millrace.yaml') }),
    findings,
  };
}

async function list(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}
