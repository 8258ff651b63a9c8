import type { ErrorRecord } from '@millrace/core';
import type { AttemptRecord, TaskDetails } from '../store/store.ts';
import type { TaskState } from '../store/task-state.ts';
import pc from './colours.ts';

/** A state as it is shown: green where all is well, red where somebody has to do something. */
export function colour(status: string): string {
  if (status === 'finished') return pc.green(status);
  if (status === 'failed' || status === 'rejected') return pc.red(status);
  return ['retry', 'unknown', 'waiting', 'processing'].includes(status) ? pc.yellow(status) : status;
}

/** What happened to a task, in the order in which it happened, and what it carries. */
export function story(task: TaskDetails): string {
  const { id, type, identifier, route, status, error, stage, data, raw } = task;
  const before = stage !== 'outgoing';
  return [
    `${pc.bold(`${type}/${identifier}`)} on route ${route}: ${colour(status)}`,
    ...(error ? indented(errorLines(error), 2) : []),
    pc.dim(`task ${id}`),
    '',
    ...happenings(task),
    '',
    before
      ? `As it was read; it failed in the ${stage}, before it was a task:`
      : 'What the route made of it:',
    ...indented(json(data), 2),
    ...(raw && !before ? ['As it was read:', ...indented(json(raw), 2)] : []),
  ].join('\n');
}

interface Happening {
  readonly at: string;
  readonly lines: readonly string[];
}

function happenings(task: TaskDetails): readonly string[] {
  const told: Happening[] = [
    { at: task.createdAt, lines: [`made by run ${task.runId}`] },
    ...task.history.map((one) => ({ at: one.startedAt, lines: attemptLines(one) })),
    ...task.events.map(({ at, event, detail }) => ({ at, lines: [detail ? `${event}: ${detail}` : event] })),
  ].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const coming = next(task);
  const all = coming ? [...told, coming] : told;
  return all.flatMap(({ at, lines: [first = '', ...rest] }) => [
    `${clock(at)}  ${first}`,
    ...indented(rest, clock('').length + 2),
  ]);
}

/** What comes next, where something does. */
function next({ id, status, dueAt, attempts }: TaskDetails): Happening | undefined {
  if (status === 'new') return { at: '', lines: ['waits for its turn'] };
  if (dueAt !== null) return { at: dueAt, lines: [`attempt ${attempts + 1} is due`] };
  if (status === 'unknown') return { at: '', lines: [`waits for you: millrace tasks retry ${id}, or skip`] };
  if (status === 'waiting') return { at: '', lines: [`waits for millrace tasks confirm ${id}`] };
  if (status === 'failed' || status === 'rejected')
    return { at: '', lines: [`to send it again: millrace tasks retry ${id}`] };
  return undefined;
}

const MEANT: Partial<Record<TaskState, string>> = {
  finished: 'delivered',
  retry: 'to be tried again',
  unknown: 'nobody knows whether it arrived',
  waiting: 'delivered, to be confirmed',
  new: 'a task now',
};

function attemptLines(attempt: AttemptRecord): readonly string[] {
  const { number, startedAt, finishedAt, outcome, error, exchange, response } = attempt;
  const took = finishedAt ? `, ${Date.parse(finishedAt) - Date.parse(startedAt)} ms` : '';
  const meant = MEANT[outcome];
  const answer = exchange?.response?.body ?? response;
  return [
    `attempt ${number}: ${colour(outcome)}${meant ? ` (${meant})` : ''}${took}`,
    // What to do about it stands at the top, of the last one.
    ...(error ? errorLines(error).filter((line) => !line.includes('→')) : []),
    ...(exchange
      ? [`${exchange.request.method} ${exchange.request.url} → ${exchange.response?.status ?? 'no answer'}`]
      : []),
    ...(exchange?.request.body === undefined ? [] : ['sent', ...indented(json(exchange.request.body), 2)]),
    ...(answer === undefined ? [] : ['answered', ...indented(json(answer), 2)]),
  ];
}

function errorLines({ code, message, hint, path, file, line }: ErrorRecord): readonly string[] {
  const place = [file && (line === undefined ? file : `${file}:${line}`), path].filter(Boolean);
  return [
    `${pc.red(code)}: ${message}`,
    ...(place.length > 0 ? [`in ${place.join(' ')}`] : []),
    ...(hint ? [`${pc.cyan('→')} ${hint}`] : []),
  ];
}

/** `2026-11-24 10:00:00.123`, in UTC; blank where there is no time. */
function clock(at: string): string {
  return at.slice(0, 23).replace('T', ' ').padEnd(23);
}

function json(value: unknown): readonly string[] {
  return JSON.stringify(value, null, 2).split('\n');
}

function indented(lines: readonly string[], by: number): readonly string[] {
  return lines.map((line) => `${' '.repeat(by)}${line}`);
}
