/** What the hook sees in the process under test; no production code knows of it. */
export type Sighting =
  | { readonly kind: 'request' | 'response'; readonly method: string; readonly path: string }
  /** A statement that ran; `open` where its transaction is not yet committed. */
  | ({ readonly kind: 'statement'; readonly open: boolean } & Statement)
  | { readonly kind: 'commit'; readonly statements: readonly Statement[] }
  /** SQLite's own number of what it refused a statement for. */
  | { readonly kind: 'refused'; readonly code: number }
  | { readonly kind: 'started' | 'transform' };

export interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

export interface Point {
  /** The window that a kill here falls into. */
  readonly why: string;
  /** `signalled`: the process was asked to stop before. */
  readonly at: (seen: Sighting, signalled: boolean) => boolean;
  /** How often a life reaches it: sets how far a random kill may count. */
  readonly often: 'once' | 'page' | 'task';
  /** What has to be so for `millrace run` to reach it; `start`: it never does, only `millrace start`. */
  readonly needs?: 'fresh store' | '503' | 'SIGTERM' | 'disk full' | 'keep' | 'start';
}

const calls = (kind: 'request' | 'response', method: string, path: string) => (seen: Sighting) =>
  seen.kind === kind && seen.method === method && seen.path.startsWith(path);
const writes = (sql: RegExp) => (seen: Sighting) =>
  seen.kind === 'statement' && seen.open && sql.test(seen.sql);
const commits = (statement: (one: Statement) => boolean) => (seen: Sighting) =>
  seen.kind === 'commit' && seen.statements.some(statement);

const INSERT_TASK = /^\s*INSERT INTO tasks\b/;
const SETTLE = /^\s*UPDATE tasks SET status = \?, due_at/;
const SQLITE_FULL = 13;

/** Where a process can die. A new point is a line here; what only a later command reaches says what it needs. */
export const POINTS = {
  fetched: {
    why: 'a page was answered, nothing of it is stored',
    at: calls('response', 'GET', '/api/Tickets'),
    often: 'page',
  },
  inserting: {
    why: 'some tasks of a batch are written, none committed',
    at: writes(INSERT_TASK),
    often: 'task',
  },
  remembering: {
    why: 'some of what chains remember is written, none committed',
    at: writes(/^\s*INSERT INTO storage \(/),
    often: 'task',
  },
  committed: {
    why: 'a batch is stored, the next page not yet asked for',
    at: commits(({ sql }) => INSERT_TASK.test(sql)),
    often: 'page',
  },
  transforming: { why: 'a record is in a chain', at: ({ kind }) => kind === 'transform', often: 'task' },
  publishing: {
    why: 'a request goes out, nobody knows whether it arrives',
    at: calls('request', 'POST', '/api/Asset'),
    often: 'task',
  },
  published: {
    why: 'the system answered, the outcome is not stored',
    at: calls('response', 'POST', '/api/Asset'),
    often: 'task',
  },
  settling: {
    why: 'some outcomes are written, none committed',
    at: writes(/^\s*INSERT OR REPLACE INTO attempts\b[^;]*\bVALUES\b/),
    often: 'task',
  },
  backoff: {
    why: 'a task waits for its next try',
    at: commits(({ sql, values }) => SETTLE.test(sql) && values[0] === 'retry'),
    often: 'once',
    needs: '503',
  },
  'signing-in': { why: 'there is no token yet', at: calls('request', 'POST', '/auth/token'), often: 'once' },
  draining: {
    why: 'it was asked to stop, and finishes what is in hand',
    at: ({ kind }, signalled) => signalled && kind === 'response',
    often: 'once',
    needs: 'SIGTERM',
  },
  migrating: {
    why: 'the store has some of its tables',
    at: writes(/\bCREATE TABLE\b/),
    often: 'once',
    needs: 'fresh store',
  },
  closing: {
    why: 'the run is closed or its cursor moved, neither committed',
    at: writes(/^\s*(?:UPDATE runs SET status = \?, finished_at|INSERT INTO cursors)\b/),
    often: 'once',
  },
  full: {
    why: 'the disk is full, nothing can be stored',
    at: (seen) => seen.kind === 'refused' && seen.code === SQLITE_FULL,
    often: 'once',
    needs: 'disk full',
  },
  pruning: {
    why: 'some of the old tasks are gone',
    at: writes(/^\s*DELETE FROM tasks\b/),
    often: 'task',
    needs: 'keep',
  },
  arming: {
    why: 'a fire is accounted for, not committed',
    at: writes(/^\s*(?:INSERT INTO|INSERT OR REPLACE INTO|UPDATE) schedules\b/),
    often: 'once',
    needs: 'start',
  },
  started: { why: 'nothing is loaded yet', at: ({ kind }) => kind === 'started', often: 'once' },
} as const satisfies Record<string, Point>;

export type PointName = keyof typeof POINTS;

/** What is done when a point is reached: `kill` dies there, the others go on in trouble. */
export type Action = 'kill' | 'tell' | 'full' | 'room' | 'ahead' | 'behind';

/** An action at the n-th time that a point is reached. */
export interface Trigger {
  readonly action: Action;
  readonly point: PointName;
  readonly n: number;
}

/** The variables by which a process is told what to do with itself. */
export function hookEnv(triggers: readonly Trigger[]): Record<string, string> {
  const text = ({ point, n }: Trigger) => `${point}:${n}`;
  const kills = triggers.filter((one) => one.action === 'kill').map(text);
  const faults = triggers.filter((one) => one.action !== 'kill').map((one) => `${one.action}@${text(one)}`);
  return { MILLRACE_KILL: kills.join(','), MILLRACE_FAULT: faults.join(',') };
}

export function readTriggers(env: Readonly<Record<string, string | undefined>>): Trigger[] {
  const list = (name: string) => (env[name] ?? '').split(',').filter((one) => one !== '');
  const kills = list('MILLRACE_KILL').map((text) => `kill@${text}`);
  return [...kills, ...list('MILLRACE_FAULT')].map((text) => {
    const [, action, point, n] = /^(\w+)@([\w-]+):(\d+)$/.exec(text) ?? [];
    if (!point || !Object.hasOwn(POINTS, point)) throw new RangeError(`"${text}" names no point`);
    return { action: action as Action, point: point as PointName, n: Number(n) };
  });
}
