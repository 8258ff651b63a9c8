import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { loadProject } from '../../src/config/load.ts';

/** A project that needs no other system: one storage into a file. */
export const SMALL = {
  'storages/source.yaml': '{}',
  'incoming/records.yaml':
    'subscriber: { storage: { storage: source, keyAs: id } }\nentity: { type: record, identifier: id }\n',
  'routes/to-file.yaml': 'incoming: records\noutgoing: file\n',
  'outgoing/file.yaml': 'publisher: { file: { path: out/records.ndjson } }\n',
} as const;

/** Writes files into a folder, a new one where none is given, and removes others. */
export async function write(
  files: Readonly<Record<string, string>>,
  folder?: string,
  removed: readonly string[] = [],
): Promise<string> {
  const project = folder ?? (await mkdtemp(join(tmpdir(), 'millrace-config-')));
  if (folder === undefined) onTestFinished(() => rm(project, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(project, name)), { recursive: true });
    await writeFile(join(project, name), text);
  }
  for (const name of removed) await rm(join(project, name));
  return project;
}

/** Writes files beside those of {@link SMALL} and loads the project. */
export async function load(files: Readonly<Record<string, string>>) {
  const folder = await write({ ...SMALL, ...files });
  const { project, findings } = await loadProject(folder, { environment: 'lenient', env: {}, cwd: folder });
  return {
    project,
    findings,
    /** `file:line:column code`, for a short look. */
    short: findings.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`),
  };
}
