import { isObject, type Json, MillraceError, milliseconds, parseJson } from '@millrace/core';
import { type Command, InvalidArgumentError } from 'commander';
import { DeclaredStorages } from '../config/storages.ts';
import type { Store } from '../store/store.ts';
import { type CommandIo, type CommandResult, finish, type GlobalOptions, globalOptions } from './output.ts';
import { entryTable, listedStorages, storageTable } from './storage-report.ts';
import { positive } from './tasks.ts';
import { withStore } from './with-store.ts';

interface GetOptions extends GlobalOptions {
  readonly prefix?: string;
  readonly after?: string;
  readonly limit: number;
}

interface SetOptions extends GlobalOptions {
  readonly ttl?: number;
}

export function registerStorage(program: Command, io: CommandIo): void {
  const storage = program
    .command('storage')
    .description('Look into the storages of the project, and change them');
  storage
    .command('list')
    .description('List the storages: how many entries they hold, how large they are, from when')
    .action((_: unknown, command: Command) => list(globalOptions(command), io));
  storage
    .command('get')
    .description('Show the entries of a storage, or one of them')
    .argument('<name>', 'of the storage')
    .argument('[key]', 'of one entry')
    .option('--prefix <text>', 'only keys that begin with it')
    .option('--after <key>', 'only keys behind it: what the page before ended with')
    .option('--limit <n>', 'at most so many', positive, 50)
    .action((name: string, key: string | undefined, _: unknown, command: Command) =>
      key === undefined
        ? entries(name, globalOptions<GetOptions>(command), io)
        : get(name, key, globalOptions(command), io),
    );
  storage
    .command('set')
    .description('Write one entry')
    .argument('<name>', 'of the storage')
    .argument('<key>', 'of the entry')
    .argument('<json>', 'its value; a text stands in double quotes', parseValue)
    .option('--ttl <duration>', 'how long it lives; else as the storage says', duration)
    .action((name: string, key: string, value: Json, _: unknown, command: Command) =>
      set(name, key, value, globalOptions<SetOptions>(command), io),
    );
  storage
    .command('delete')
    .description('Delete one entry')
    .argument('<name>', 'of the storage')
    .argument('<key>', 'of the entry')
    .action((name: string, key: string, _: unknown, command: Command) =>
      remove(name, key, globalOptions(command), io),
    );
  storage
    .command('clear')
    .description('Delete all entries of a storage')
    .argument('<name>', 'of the storage')
    .action((name: string, _: unknown, command: Command) => clear(name, globalOptions(command), io));
}

function parseValue(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    throw new InvalidArgumentError(
      `It is not JSON. A text stands in double quotes: '"${text.slice(0, 20)}"'.`,
    );
  }
}

function duration(text: string): number {
  try {
    return milliseconds(text);
  } catch {
    throw new InvalidArgumentError('Write a number with ms, s, m, h or d, such as 30s.');
  }
}

type Result = Omit<CommandResult, 'command'>;

/** With the store and the declared storages at hand. */
async function withStorages(
  command: string,
  options: GlobalOptions,
  io: CommandIo,
  work: (store: Store, declared: DeclaredStorages) => Promise<Result>,
): Promise<void> {
  await withStore(command, options, io, async (store) => {
    const declared = await DeclaredStorages.find(options.directory, io.cwd);
    finish(io, options, { command, ...(await work(store, declared)) });
  });
}

async function list(options: GlobalOptions, io: CommandIo): Promise<void> {
  await withStorages('storage list', options, io, async (store, declared) => {
    const storages = await listedStorages(declared, await store.storages());
    const text = storages.length === 0 ? 'No storage.' : storageTable(storages);
    return { summary: `${storages.length} storages`, result: { storages }, text };
  });
}

async function entries(name: string, options: GetOptions, io: CommandIo): Promise<void> {
  await withStorages('storage get', options, io, async (store, declared) => {
    declared.mustHave(name);
    const { prefix, after, limit } = options;
    const page = { ...(prefix !== undefined && { prefix }), ...(after !== undefined && { after }) };
    // One more than asked for tells whether there is another page.
    const found = await store.storageRows({ storage: name, limit: limit + 1, ...page });
    const shown = found.slice(0, limit);
    const next = found.length > limit ? shown.at(-1)?.key : undefined;
    return {
      summary: `${shown.length} entries of ${name}`,
      result: { storage: name, entries: shown, ...(next !== undefined && { next }) },
      text: entryTable(shown, next),
    };
  });
}

async function get(name: string, key: string, options: GlobalOptions, io: CommandIo): Promise<void> {
  await withStorages('storage get', options, io, async (store, declared) => {
    declared.mustHave(name);
    const [row] = await store.storageRows({ storage: name, prefix: key, limit: 1 });
    if (row?.key !== key) throw noEntry(name, key);
    const text = JSON.stringify(row.value, null, isObject(row.value) || Array.isArray(row.value) ? 2 : 0);
    return { summary: `${name} holds "${key}"`, result: { storage: name, ...row }, text };
  });
}

function noEntry(name: string, key: string): MillraceError {
  return new MillraceError('call.unknown_id', `The storage "${name}" has no entry "${key}"`, {
    hint: `List its keys with millrace storage get ${name}.`,
  });
}

async function set(
  name: string,
  key: string,
  value: Json,
  options: SetOptions,
  io: CommandIo,
): Promise<void> {
  await withStorages('storage set', options, io, async (store, declared) => {
    if (key === '')
      throw new MillraceError('call.invalid_option', 'The key is empty', { hint: 'Give a text.' });
    const { maxEntries, ttl: own } = await declared.read(name);
    const ttl = options.ttl ?? own;
    const replaced = await store.writeStorage([
      {
        storage: name,
        key,
        value,
        ...(ttl !== undefined && { expiresAt: Date.now() + ttl }),
        ...(maxEntries !== undefined && { maxEntries }),
      },
    ]);
    const did = replaced > 0 ? 'was replaced' : 'is new';
    return {
      summary: `"${key}" of ${name} ${did}`,
      result: { storage: name, key, value, replaced: replaced > 0 },
    };
  });
}

async function remove(name: string, key: string, options: GlobalOptions, io: CommandIo): Promise<void> {
  await withStorages('storage delete', options, io, async (store, declared) => {
    declared.mustHave(name);
    if ((await store.writeStorage([{ storage: name, key }])) === 0) throw noEntry(name, key);
    return { summary: `"${key}" of ${name} is deleted`, result: { storage: name, key } };
  });
}

async function clear(name: string, options: GlobalOptions, io: CommandIo): Promise<void> {
  await withStorages('storage clear', options, io, async (store, declared) => {
    declared.mustHave(name);
    const deleted = await store.clearStorage(name);
    return { summary: `${deleted} entries of ${name} are deleted`, result: { storage: name, deleted } };
  });
}
