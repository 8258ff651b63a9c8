import { type PrintedRun, printedRun, Rig } from './rig.ts';

export interface WorstCaseOptions {
  readonly tickets: number;
  /** Tickets that are created, and changed, while the first run reads. */
  readonly created: number;
  readonly changed: number;
  readonly seed: number;
  /** Seconds that a token lives. */
  readonly tokenLifetime: number;
  /** Milliseconds of a slow answer. */
  readonly slowMs: number;
  readonly progress: (line: string) => void;
}

export interface WorstCase {
  readonly runs: readonly PrintedRun[];
  /** Versions of tickets in the target. */
  readonly delivered: number;
  readonly wrong: readonly string[];
}

interface Line {
  readonly id: number;
  readonly summary: string;
  readonly updated: string;
}

const PROJECT = {
  'incoming/tickets.yaml': `
subscriber: { haloitsm: { client: halo, entity: Tickets, incremental: { field: last_update, overlap: 1m } } }
entity: { type: ticket, identifier: id }
`,
  'routes/tickets.yaml': `
incoming: tickets
outgoing: lines
transformers:
  - map: { id: "&{id}", summary: "&{summary}", updated: "&{last_update}" }
`,
  'outgoing/lines.yaml': `
publisher: { file: { path: out/tickets.ndjson, sync: false } }
batch: { size: 100 }
`,
};

/** So many runs may be needed until nothing new comes. */
const MOST_RUNS = 8;

/** Reads a desk at its worst while people work at it, until nothing new comes, and looks at what arrived. */
export async function worstCase(options: WorstCaseOptions): Promise<WorstCase> {
  const { tickets, created, changed, seed, slowMs, tokenLifetime, progress } = options;
  const faults = {
    ...{ '429': 0.02, '500': 0.005, '502': 0.005, slow: 0.01, truncate: 0.005, slowMs },
    ...{ duplicate: 0.01, skip: 0.01, empty: 0.005, drift: 0.01 },
  };
  await using rig = await Rig.start(
    { tickets, seed, faults, tokenLifetime, quirks: { unordered: true } },
    PROJECT,
  );
  const { simulator } = rig;
  // Over the calls of the first run, so that the last of them comes when the first pages are long read.
  const calls = tickets / 100;
  const limit = Math.max(created, changed);
  simulator.churn({ create: created / calls, change: changed / calls, per: 'call', limit, seed });
  const runs: PrintedRun[] = [];
  const wrong: string[] = [];
  for (let index = 0; index < MOST_RUNS; index++) {
    const run = printedRun(await rig.begin('run', '--json').ended);
    runs.push(run);
    progress(`run ${index + 1}: ${describe(run)}`);
    const isTold = run.status === 'finished' || (run.status === 'unbalanced' && run.error !== undefined);
    if (!isTold) wrong.push(`run ${index + 1} is ${run.status}: ${run.error?.message ?? ''}`);
    if (simulator.churned.running) continue;
    if (run.status === 'finished' && createdOf(run) === 0) break;
    if (index === MOST_RUNS - 1) wrong.push(`${MOST_RUNS} runs were not enough`);
  }
  const { create, change } = simulator.churned;
  progress(`${create} tickets were created and ${change} changed meanwhile`);
  const lines = await rig.lines<Line>('out/tickets.ndjson');
  wrong.push(...violations(lines, rig));
  return { runs, delivered: lines.length, wrong };
}

function createdOf({ tasks }: PrintedRun): number {
  return Object.values(tasks).reduce((sum, { created }) => sum + created, 0);
}

function describe(run: PrintedRun): string {
  const { status, announced, read, dropped, requests, seconds, error } = run;
  const told = error ? ` (${error.message})` : '';
  return `${status}${told}, ${announced} announced, ${read} read, ${dropped} of them known, ${createdOf(run)} new, ${requests} requests, ${seconds} s`;
}

/** What must not be: a version that is missing, or one that came twice. */
function violations(lines: readonly Line[], { simulator }: Rig): string[] {
  const wrong: string[] = [];
  const versions = new Set<string>();
  const last = new Map<number, string>();
  for (const { id, summary, updated } of lines) {
    const version = `${id} ${updated} ${summary}`;
    if (versions.has(version)) wrong.push(`ticket ${id} of ${updated} arrived twice`);
    versions.add(version);
    last.set(id, version);
  }
  for (const { id, summary, last_update: updated } of simulator.records('Tickets')) {
    const version = `${id} ${updated} ${summary}`;
    if (last.get(Number(id)) !== version) wrong.push(`ticket ${id} of ${updated} did not arrive last`);
  }
  return wrong;
}
