import { resolve } from 'node:path';
import { isObject, MillraceError, milliseconds, suggestion } from '@millrace/core';
import { discover } from './discover.ts';
import { readSource } from './source.ts';

/** A storage as its file declares it. */
export interface DeclaredStorage {
  readonly name: string;
  /** Milliseconds. */
  readonly ttl?: number;
  readonly maxEntries?: number;
}

/** The storages of a project, without reading the rest of it: a broken file must not hide what they hold. */
export class DeclaredStorages {
  readonly #paths: ReadonlyMap<string, string>;
  readonly #cwd: string;

  private constructor(paths: ReadonlyMap<string, string>, cwd: string) {
    this.#paths = paths;
    this.#cwd = cwd;
  }

  static async find(folder: string, cwd: string): Promise<DeclaredStorages> {
    const { files } = await discover(resolve(cwd, folder), cwd);
    const mine = files.filter(({ kind }) => kind === 'storages');
    return new DeclaredStorages(new Map(mine.map(({ id, path }) => [id, path])), cwd);
  }

  get names(): readonly string[] {
    return [...this.#paths.keys()];
  }

  /** Throws `call.unknown_id` for a name that no file declares. */
  mustHave(name: string): void {
    if (this.#paths.has(name)) return;
    const hint = `${suggestion(name, this.names, 'there is')} (a new one is declared by storages/${name}.yaml)`;
    throw new MillraceError('call.unknown_id', `No storage is called "${name}"`, { hint });
  }

  /** What its file says. Throws the finding where the file cannot be read, or does not say it right. */
  async read(name: string): Promise<DeclaredStorage> {
    this.mustHave(name);
    const { source, findings } = await readSource(this.#paths.get(name) ?? '', this.#cwd);
    const [finding] = findings;
    if (finding) {
      const { message, hint, file, line, column } = finding;
      const place = { ...(line !== undefined && { line }), ...(column !== undefined && { column }) };
      throw new MillraceError('config.syntax', message, {
        ...(hint && { hint }),
        ...(file && { file }),
        ...place,
      });
    }
    const { ttl, maxEntries } = isObject(source?.content) ? source.content : {};
    return {
      name,
      ...(typeof ttl === 'string' && { ttl: this.#duration(ttl, name) }),
      ...(typeof maxEntries === 'number' && { maxEntries }),
    };
  }

  #duration(ttl: string, name: string): number {
    try {
      return milliseconds(ttl);
    } catch (cause) {
      throw new MillraceError(
        'config.invalid_value',
        `The ttl of the storage "${name}" is no duration: "${ttl}"`,
        {
          hint: 'Write a number with ms, s, m, h or d, such as 30s.',
          cause,
        },
      );
    }
  }
}
