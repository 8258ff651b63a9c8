import { toMillraceError } from '@millrace/core';
import { loadSettings } from '../config/settings.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { type CommandIo, errorFinding, finish, type GlobalOptions } from './output.ts';

/** Opens the store of the project, or the one that the command line names, for a command that needs nothing else. */
export async function withStore(
  command: string,
  options: GlobalOptions,
  io: CommandIo,
  work: (store: Store) => Promise<void>,
): Promise<void> {
  let store: Store | undefined;
  try {
    if (options.store !== undefined) store = await openStore(options.store, io.cwd);
    else {
      const { directory, url } = await loadSettings(options.directory, io);
      store = await openStore(url, directory);
    }
    await work(store);
  } catch (thrown) {
    const error = toMillraceError(thrown);
    finish(io, options, { command, summary: error.message, findings: [errorFinding(error)], text: '' });
  } finally {
    await store?.close();
  }
}
