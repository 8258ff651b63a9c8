import Table from 'cli-table3';
import type { RunRecord } from '../store/store.ts';
import type { TaskState } from '../store/task-state.ts';
import pc from './colours.ts';
import { PLAIN_TABLE } from './plain-table.ts';

export type TaskCounts = Readonly<Record<string, Partial<Record<TaskState, number>>>>;

/** A run as `--json` prints it. `announced` is null where the source gives no total. */
export function runResult(run: RunRecord) {
  const { counts } = run;
  return {
    id: run.id,
    incoming: run.incoming,
    status: run.status,
    announced: run.announced?.highest ?? null,
    read: counts.read,
    dropped: counts.dropped,
    failed: counts.failed,
    passed: counts.passed,
    entities: counts.entities,
    tasks: counts.routes,
    requests: counts.requests,
    seconds: Number(run.seconds.toFixed(3)),
    ...(run.limited && { limited: true }),
    ...(run.receiving && { receiving: true }),
    ...(run.error && { error: run.error }),
  };
}

const number = (value: number | undefined) => (value ?? 0).toLocaleString('en-US');

/** The books of a run in one line. */
export function booksLine(run: RunRecord): string {
  const { counts, announced } = run;
  const isGood = run.status === 'finished' || (run.receiving && run.status === 'running');
  const mark = isGood ? pc.green('✓') : pc.red('✗');
  const source = announced ? `${number(announced.highest)} announced, ` : '';
  const rows = `${source}${number(counts.read)} ${run.receiving ? 'received' : 'read'} = ${number(counts.dropped)} dropped + ${number(counts.failed)} failed + ${number(counts.passed)} passed`;
  const limited = run.limited ? ', limited' : '';
  const taken = run.resumed > 0 ? ', taken up where it was interrupted' : '';
  const state = run.status === 'finished' ? 'books balance' : run.status;
  return `${mark} ${run.incoming}: ${rows} (${state}${limited}${taken}, ${counts.requests} requests, ${run.seconds.toFixed(1)} s)`;
}

/** One row a route: what the runs made of its entities, and how its tasks stand. */
export function routesTable(runs: readonly RunRecord[], tasks: TaskCounts, settled: TaskCounts): string {
  const head = [
    'route',
    'entities',
    'dropped',
    'new tasks',
    'unchanged',
    'delivered',
    'skipped',
    'failed',
    'still open',
  ];
  const table = new Table({ head, style: { head: [], border: [], compact: true }, chars: PLAIN_TABLE });
  for (const [route, states] of Object.entries(tasks)) {
    const books = runs.map((run) => run.counts.routes[route]).filter((one) => one !== undefined);
    const entities = runs
      .filter((run) => run.counts.routes[route])
      .reduce((sum, run) => sum + run.counts.entities, 0);
    const sum = (name: 'dropped' | 'created' | 'unchanged') =>
      books.reduce((total, one) => total + one[name], 0);
    const ended = settled[route] ?? {};
    const failed = (states.failed ?? 0) + (states.rejected ?? 0);
    const open = openTasks(states);
    table.push([
      route,
      ...[entities, sum('dropped'), sum('created'), sum('unchanged')].map(number),
      number((ended.finished ?? 0) + (ended.waiting ?? 0)),
      number(ended.skipped),
      failed > 0 ? pc.red(number(failed)) : '0',
      open > 0 ? pc.yellow(number(open)) : '0',
    ]);
  }
  return table.toString();
}

/** What is left to do, by state; undefined where nothing is. */
export function openLine(tasks: TaskCounts): string | undefined {
  const parts = Object.entries(tasks).flatMap(([route, states]) =>
    OPEN.filter((state) => states[state]).map((state) => `${number(states[state])} ${state} on ${route}`),
  );
  return parts.length > 0 ? `Still open: ${parts.join(', ')}. The next run goes on with them.` : undefined;
}

const OPEN = ['new', 'processing', 'retry', 'unknown', 'waiting'] as const;

function openTasks(states: Partial<Record<TaskState, number>>): number {
  return OPEN.reduce((sum, state) => sum + (states[state] ?? 0), 0);
}
