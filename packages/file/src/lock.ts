import { open, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { MillraceError } from '@millrace/core';

const POLL_MS = 20;
const PATIENCE_MS = 30_000;
/** A lock is held for one append. One as old as this was left behind, whoever has its process id now. */
const STALE_MS = 15_000;

/** Runs work while no other process has the file's lock. A lock whose process ended is taken over. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const until = Date.now() + PATIENCE_MS;
  while (!(await take(lock))) {
    if (await isAbandoned(lock)) await rm(lock, { force: true });
    else if (Date.now() > until) {
      throw new MillraceError('client.unavailable', `Another process keeps ${path} locked`, {
        hint: `Let it finish; if no process writes the file, remove ${lock}.`,
      });
    } else await wait(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    const handle = await open(lock, 'wx');
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isAbandoned(lock: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(lock);
    if (Date.now() - mtimeMs > STALE_MS) return true;
    const pid = Number(await readFile(lock, 'utf8'));
    // Being created: its process has not written its id yet.
    if (!Number.isInteger(pid) || pid <= 0) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ESRCH' || code === 'ENOENT';
  }
}
