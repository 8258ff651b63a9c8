import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MillraceError } from '@millrace/core';
import { shownPath } from '../config/source.ts';

const TEMPLATES = fileURLToPath(new URL('../../templates/', import.meta.url));

/** Files that npm would leave out of a package bear another name in it. */
const NAMES: Readonly<Record<string, string>> = { gitignore: '.gitignore', 'env.example': '.env.example' };

/** The files of a template, by their paths. */
export async function readTemplate(name: string): Promise<ReadonlyMap<string, string>> {
  const root = join(TEMPLATES, name);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.sort().map(async (path) => {
      const way = relative(root, path).replaceAll('\\', '/');
      return [NAMES[way] ?? way, await readFile(path, 'utf8')] as const;
    }),
  );
  return new Map(files);
}

/** Writes files below a folder. Throws `call.file_exists`, having written nothing, where one of them is there already. */
export async function writeNew(
  folder: string,
  files: ReadonlyMap<string, string>,
  cwd: string,
): Promise<void> {
  const there = [...files.keys()].filter((name) => existsSync(join(folder, name)));
  if (there.length > 0) {
    const names = there.map((name) => shownPath(join(folder, name), cwd)).join(', ');
    const message = `${names} ${there.length === 1 ? 'exists' : 'exist'} already; nothing was written`;
    throw new MillraceError('call.file_exists', message, {
      hint: 'Choose another folder or name, or move them away.',
    });
  }
  for (const [name, text] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text, { flag: 'wx' });
  }
}
