import { MillraceError, toMillraceError } from '@millrace/core';
import Table from 'cli-table3';
import { type Command, InvalidArgumentError } from 'commander';
import type { TaskFilter, TaskRow } from '../store/store.ts';
import { TASK_STATES, type TaskState } from '../store/task-state.ts';
import { type CommandIo, errorFinding, finish, type GlobalOptions, globalOptions } from './output.ts';
import { PLAIN_TABLE } from './plain-table.ts';
import { colour, story } from './task-story.ts';
import { withStore } from './with-store.ts';

interface ListOptions extends GlobalOptions {
  readonly status?: readonly TaskState[];
  readonly route?: string;
  readonly entity?: string;
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
  readonly after?: string;
}

export function states(text: string): readonly TaskState[] {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !TASK_STATES.includes(name as TaskState));
  if (wrong !== undefined)
    throw new InvalidArgumentError(`"${wrong}" is no state; there are ${TASK_STATES.join(', ')}.`);
  return names as TaskState[];
}

export function time(text: string): number {
  const ago = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[ago?.[2] ?? ''];
  const at = ago && unit !== undefined ? Date.now() - Number(ago[1]) * unit : Date.parse(text);
  if (Number.isNaN(at))
    throw new InvalidArgumentError(
      'a time such as 2026-11-24T10:00:00Z, or 2h for two hours ago, is wanted.',
    );
  return at;
}

export function positive(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('a whole number from 1 is wanted.');
  return Number(text);
}

export function registerTasks(program: Command, io: CommandIo): void {
  const tasks = program
    .command('tasks')
    .description('Look at the tasks of the store, and change their course');
  tasks
    .command('list')
    .description('List tasks, newest first')
    .option('--status <states>', 'only in these states, separated by commas', states)
    .option('--route <id>', 'only of this route')
    .option('--entity <id>', 'only of this entity: an identifier, or type/identifier')
    .option('--since <time>', 'only changed since: 2026-11-24T10:00:00Z, or 2h', time)
    .option('--until <time>', 'only changed before', time)
    .option('--limit <n>', 'at most so many', positive, 50)
    .option('--after <id>', 'go on after this task: the "next" of the page before')
    .action((_: unknown, command: Command) => list(globalOptions<ListOptions>(command), io));
  tasks
    .command('show')
    .description('Tell all that is known of one task')
    .argument('<id>', 'id of the task, or its beginning')
    .action((id: string, _: unknown, command: Command) => show(id, globalOptions(command), io));
}

async function list(options: ListOptions, io: CommandIo): Promise<void> {
  await withStore('tasks list', options, io, async (store) => {
    const { status, route, entity, since, until, limit, after } = options;
    const filter: TaskFilter = {
      limit,
      ...(status && { status }),
      ...(route !== undefined && { route }),
      ...(entity !== undefined && { entity }),
      ...(since !== undefined && { since }),
      ...(until !== undefined && { until }),
      ...(after !== undefined && { after }),
    };
    const found = await store.tasks(filter);
    const more = found.next === undefined ? '' : `\nMore: --after ${found.next}`;
    const text = found.tasks.length === 0 ? 'No task.' : tasksTable(found.tasks) + more;
    finish(io, options, {
      command: 'tasks list',
      summary: `${found.tasks.length} tasks`,
      result: found,
      text,
    });
  });
}

function tasksTable(tasks: readonly TaskRow[]): string {
  const head = ['task', 'route', 'entity', 'status', 'attempts', 'changed', 'error'];
  const table = new Table({ head, style: { head: [], border: [], compact: true }, chars: PLAIN_TABLE });
  for (const task of tasks) {
    const { id, route, type, identifier, status, attempts, updatedAt, error } = task;
    table.push([
      id,
      route,
      `${type}/${identifier}`,
      colour(status),
      attempts,
      updatedAt.slice(0, 19).replace('T', ' '),
      error?.code ?? '',
    ]);
  }
  return table.toString();
}

async function show(id: string, options: GlobalOptions, io: CommandIo): Promise<void> {
  await withStore('tasks show', options, io, async (store) => {
    const task = await store.task(id);
    if (task)
      return finish(io, options, {
        command: 'tasks show',
        summary: `Task ${task.id} is ${task.status}`,
        result: task,
        text: story(task),
      });
    const error = new MillraceError(
      'call.unknown_id',
      `There is no task "${id}", or more than one begins so`,
      {
        hint: 'List the tasks with millrace tasks list.',
      },
    );
    finish(io, options, {
      command: 'tasks show',
      summary: error.message,
      findings: [errorFinding(toMillraceError(error))],
      text: '',
    });
  });
}
