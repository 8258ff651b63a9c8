import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { newId } from './new-id.ts';
import type { WorkerIdentity } from './store.ts';

/** When a process started, as the operating system counts it; undefined where there is no such process. */
export function processStart(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The name in parentheses may hold blanks; the fields are counted behind it: starttime is the 22nd of all.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  if (process.platform === 'win32') return 'running';
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** A new identity of this process. Each store handle that works takes its own. */
export function createWorkerIdentity(): WorkerIdentity {
  return { id: newId(), host: hostname(), pid: process.pid, processStart: processStart(process.pid) ?? '' };
}

const HOST = hostname();
let own: string | undefined;

/** True where the process of this host that held a lease runs no more. */
export function isDead(worker: Pick<WorkerIdentity, 'host' | 'pid' | 'processStart'>): boolean {
  if (worker.host !== HOST) return false;
  // Asked at every claim, and answered without the operating system for the process that asks.
  if (worker.pid === process.pid) {
    own ??= processStart(process.pid) ?? '';
    return own !== worker.processStart;
  }
  return processStart(worker.pid) !== worker.processStart;
}
