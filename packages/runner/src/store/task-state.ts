/** Every state of a task. Open ones still have work ahead; terminal ones only leave by an explicit retry. */
export const TASK_STATES = [
  'new',
  'processing',
  'retry',
  'unknown',
  'waiting',
  'finished',
  'failed',
  'skipped',
  'rejected',
  'superseded',
  'cancelled',
] as const;

export type TaskState = (typeof TASK_STATES)[number];

export const OPEN_STATES = [
  'new',
  'processing',
  'retry',
  'unknown',
  'waiting',
] as const satisfies TaskState[];

/** Waiting for a worker: may be superseded, and count for back-pressure. */
export const QUEUED_STATES = ['new', 'retry'] as const satisfies TaskState[];

export function isOpen(state: TaskState): boolean {
  return (OPEN_STATES as readonly TaskState[]).includes(state);
}

const EXITS_BY_COMMAND = ['skipped', 'cancelled'] as const;

/** Where each state may lead. `processing` is entered by a claim and left by its settlement, or by a freed lease. */
export const TRANSITIONS: Readonly<Record<TaskState, readonly TaskState[]>> = {
  new: ['processing', 'superseded', ...EXITS_BY_COMMAND],
  retry: ['processing', 'superseded', 'new', ...EXITS_BY_COMMAND],
  unknown: ['processing', 'new', ...EXITS_BY_COMMAND],
  waiting: ['finished', 'failed', ...EXITS_BY_COMMAND],
  // `new`: what failed before it was a task, and went through its chains again.
  processing: ['new', 'finished', 'waiting', 'skipped', 'retry', 'unknown', 'failed', 'rejected'],
  // By a forced retry only.
  finished: ['new'],
  skipped: ['new'],
  superseded: ['new'],
  cancelled: ['new'],
  failed: ['new'],
  rejected: ['new'],
};

export function canMove(from: TaskState, to: TaskState): boolean {
  return TRANSITIONS[from].includes(to);
}
