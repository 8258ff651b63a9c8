import type { JournalEntry } from '@millrace/haloitsm-simulator';
import { printedRun, Rig } from './rig.ts';

export interface InitialLoadOptions {
  readonly tickets: number;
  readonly pageCap: number;
  /** What the desk allows, and the client is told. */
  readonly requests: number;
  readonly windowMs: number;
  /** Kills the command when about half is read, and starts it anew. */
  readonly kill: boolean;
  readonly progress: (line: string) => void;
}

export interface InitialLoad {
  /** What was said beforehand of how long it would take. */
  readonly said: string | undefined;
  readonly seconds: number;
  /** The rate at which pages came, as a share of what the limit allows. */
  readonly share: number;
  readonly requests: number;
  readonly wrong: readonly string[];
}

const PROJECT = {
  'incoming/tickets.yaml': `
subscriber: { haloitsm: { client: halo, entity: Tickets } }
entity: { type: ticket, identifier: id }
`,
  'routes/tickets.yaml': `
incoming: tickets
outgoing: lines
transformers:
  - map: { id: "&{id}", summary: "&{summary}" }
`,
  'outgoing/lines.yaml': `
publisher: { file: { path: out/tickets.ndjson, sync: false } }
batch: { size: 500 }
`,
};

/** Reads a large desk for the first time, under a limit, and looks at how long it took and what was asked for. */
export async function initialLoad(options: InitialLoadOptions): Promise<InitialLoad> {
  const { tickets, pageCap, requests, windowMs, kill, progress } = options;
  const rateLimit = { requests, windowMs };
  await using rig = await Rig.start({ tickets, pageCap, rateLimit }, PROJECT, `${requests}/${windowMs}ms`);
  const pages = () => rig.simulator.journal({ method: 'GET', path: 'Tickets' });
  const told: string[] = [];
  const wrong: string[] = [];
  const started = performance.now();
  if (kill) {
    const { process: child, ended } = rig.begin('run', '--incoming-only');
    const half = Math.floor(tickets / pageCap / 2);
    while (pages().length < half && child.exitCode === null) await pause(5);
    child.kill('SIGKILL');
    told.push((await ended).stderr);
    progress(`killed after ${pages().length} pages`);
  }
  told.push((await rig.begin('run', '--incoming-only').ended).stderr);
  const seconds = (performance.now() - started) / 1000;
  const run = printedRun(await rig.begin('runs', 'list', '--limit', '1', '--json').ended);
  if (run.status !== 'finished') wrong.push(`the run is ${run.status}: ${run.error?.message ?? ''}`);
  if (run.read !== tickets) wrong.push(`${run.read} of ${tickets} tickets were read`);
  const asked = pages();
  wrong.push(...repeated(asked, kill ? 1 : 0), ...refused(asked));
  const share = shareOf(asked, rateLimit);
  const said = told.flatMap((text) => /^tickets: .*$/m.exec(text)?.[0] ?? [])[0];
  return { said, seconds, share, requests: asked.length, wrong };
}

/** Pages that were asked for more often than once, more of them than a kill explains. */
function repeated(asked: readonly JournalEntry[], most: number): string[] {
  const counts = Map.groupBy(asked, ({ query }) => query['page_no'] ?? '');
  const again = [...counts].filter(([, entries]) => entries.length > 1).map(([page]) => page);
  return again.length > most ? [`pages ${again.slice(0, 20).join(', ')} were asked for again`] : [];
}

function refused(asked: readonly JournalEntry[]): string[] {
  const count = asked.filter(({ status }) => status === 429).length;
  return count > 0 ? [`${count} requests met a 429`] : [];
}

/** The time that the limit needs for so many requests, in lots of a window, as a share of the time they took. */
function shareOf(
  asked: readonly JournalEntry[],
  rule: { readonly requests: number; readonly windowMs: number },
): number {
  const times = asked.map(({ time }) => Date.parse(time));
  const took = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const least = Math.floor((asked.length - 1) / rule.requests) * rule.windowMs;
  return least / Math.max(took, 1);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
