import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isObject, MillraceError } from '@millrace/core';
import { interpolate } from './environment.ts';
import { readSource } from './source.ts';

/** Where the store of a project is, without reading the rest of it: a broken file must not hide the tasks. */
export async function loadSettings(
  folder: string,
  io: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<{ readonly directory: string; readonly url: string }> {
  const directory = resolve(io.cwd, folder);
  if (!existsSync(directory)) {
    throw new MillraceError('config.unreadable', `There is no project folder "${folder}"`, {
      hint: 'Name the folder with --config DIR.',
    });
  }
  const path = join(directory, 'millrace.yaml');
  const { source } = existsSync(path) ? await readSource(path, io.cwd) : {};
  const { value } = interpolate(source?.content ?? {}, (name) => io.env[name]);
  const store = isObject(value) ? value['store'] : undefined;
  return { directory, url: typeof store === 'string' ? store : 'sqlite:.millrace/millrace.db' };
}
