import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isObject, type JsonObject, MillraceError } from '@millrace/core';
import type { Command } from 'commander';
import { parseData } from '../config/exact-numbers.ts';
import { loadProject } from '../config/load.ts';
import type { Finding } from '../config/project.ts';
import { pruneProject } from '../execution/retention.ts';
import type { CommandOutcome, Store, TaskCommand, TaskFilter } from '../store/store.ts';
import type { TaskState } from '../store/task-state.ts';
import { type CommandIo, finish, type GlobalOptions, globalOptions } from './output.ts';
import { states, time } from './tasks.ts';
import { withStore } from './with-store.ts';

interface ChangeOptions extends GlobalOptions {
  readonly status?: readonly TaskState[];
  readonly route?: string;
  readonly entity?: string;
  readonly since?: number;
  readonly until?: number;
  readonly edit?: string;
  readonly force?: boolean;
  readonly reason?: string;
  readonly failed?: string;
}

/** Tasks of one transaction: the runner gets its turn in between. */
const CHUNK = 200;
/** What a command means where a filter names no states. */
const DEFAULT_STATES: Readonly<Record<string, readonly TaskState[]>> = {
  retry: ['failed', 'rejected'],
  skip: ['new', 'retry', 'unknown', 'waiting'],
  cancel: ['new', 'retry', 'unknown', 'waiting'],
};

export function registerTaskCommands(program: Command, io: CommandIo): void {
  const tasks = program.commands.find((one) => one.name() === 'tasks');
  if (!tasks) throw new MillraceError('internal.bug', 'tasks is registered first');
  const many = (name: string, description: string) =>
    tasks
      .command(name)
      .description(description)
      .argument('[id...]', 'ids of tasks; without, those that the filters choose')
      .option('--status <states>', 'those in these states, separated by commas', states)
      .option('--route <id>', 'those of this route')
      .option('--entity <id>', 'those of this entity: an identifier, or type/identifier')
      .option('--since <time>', 'those changed since: 2026-11-24T10:00:00Z, or 2h', time)
      .option('--until <time>', 'those changed before', time);
  many('retry', 'Send tasks again: failed and rejected ones where no state is given')
    .option('--edit <file>', 'send what this JSON or YAML file holds instead; one task only')
    .option('--force', 'also what was delivered, and what has a newer task of its entity')
    .action((ids: string[], _: unknown, command: Command) => {
      const options = globalOptions<ChangeOptions>(command);
      const edit = options.edit === undefined ? undefined : () => readEdit(options.edit ?? '', io.cwd);
      return change('retry', ids, options, io, () => ({
        kind: 'retry',
        ...(options.force && { force: true }),
        ...(edit && { data: edit() }),
      }));
    });
  for (const kind of ['skip', 'cancel'] as const) {
    many(kind, kind === 'skip' ? 'Leave open tasks out: what follows them goes on' : 'Call open tasks off')
      .option('--reason <text>', 'written into their histories')
      .action((ids: string[], _: unknown, command: Command) => {
        const options = globalOptions<ChangeOptions>(command);
        return change(kind, ids, options, io, () => ({
          kind,
          ...(options.reason && { reason: options.reason }),
        }));
      });
  }
  tasks
    .command('confirm')
    .description('Say that the other side has what a waiting task delivered, or that it has not')
    .argument('<id...>', 'ids of tasks')
    .option('--failed <reason>', 'it failed there, for this reason')
    .action((ids: string[], _: unknown, command: Command) => {
      const options = globalOptions<ChangeOptions>(command);
      return change('confirm', ids, options, io, () => ({
        kind: 'confirm',
        ...(options.failed !== undefined && { failed: options.failed }),
      }));
    });
  tasks
    .command('prune')
    .description('Delete ended tasks that their routes keep no longer (tasks.keep)')
    .action((_: unknown, command: Command) => prune(globalOptions(command), io));
}

function readEdit(file: string, cwd: string): JsonObject {
  let content: unknown;
  try {
    content = parseData(readFileSync(resolve(cwd, file), 'utf8'));
  } catch (cause) {
    throw new MillraceError('call.invalid_option', `--edit ${file} cannot be read`, {
      cause,
      hint: String((cause as Error).message),
    });
  }
  if (isObject(content)) return content;
  throw new MillraceError('call.invalid_option', `--edit ${file} holds no object`);
}

async function change(
  kind: TaskCommand['kind'],
  ids: readonly string[],
  options: ChangeOptions,
  io: CommandIo,
  make: () => TaskCommand,
): Promise<void> {
  await withStore(`tasks ${kind}`, options, io, async (store) => {
    const command = make();
    const chosen = ids.length > 0 ? await resolveIds(store, ids) : await filtered(store, kind, options);
    if (options.edit !== undefined && chosen.length !== 1) {
      throw new MillraceError('call.invalid_option', `--edit is for one task, not for ${chosen.length}`);
    }
    const outcomes: CommandOutcome[] = [];
    for (let start = 0; start < chosen.length; start += CHUNK) {
      outcomes.push(...(await store.commandTasks(chosen.slice(start, start + CHUNK), command)));
    }
    report(kind, outcomes, options, io);
  });
}

async function resolveIds(store: Store, ids: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const id of ids) {
    const task = await store.task(id);
    if (!task) {
      throw new MillraceError('call.unknown_id', `There is no task "${id}", or more than one begins so`, {
        hint: 'Nothing was changed. List the tasks with millrace tasks list.',
      });
    }
    found.push(task.id);
  }
  return found;
}

async function filtered(store: Store, kind: string, options: ChangeOptions): Promise<readonly string[]> {
  const { status, route, entity, since, until } = options;
  if ([status, route, entity, since, until].every((one) => one === undefined)) {
    throw new MillraceError('call.invalid_option', 'Name tasks, or choose them by a filter', {
      hint: `For all: millrace tasks ${kind} --status ${(DEFAULT_STATES[kind] ?? []).join(',')}`,
    });
  }
  const filter: TaskFilter = {
    status: status ?? DEFAULT_STATES[kind] ?? [],
    limit: 1000,
    ...(route !== undefined && { route }),
    ...(entity !== undefined && { entity }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
  const found: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await store.tasks({ ...filter, ...(after !== undefined && { after }) });
    found.push(...page.tasks.map((task) => task.id));
    if (page.next === undefined) break;
    after = page.next;
  }
  // Oldest first: that is the order in which they are sent again.
  return found.reverse();
}

const DONE = { retry: 'sent again', skip: 'skipped', cancel: 'cancelled', confirm: 'confirmed' } as const;

function report(
  kind: TaskCommand['kind'],
  outcomes: readonly CommandOutcome[],
  options: GlobalOptions,
  io: CommandIo,
): void {
  const changed = outcomes.filter((one) => one.to !== undefined);
  const findings = outcomes.flatMap((one): Finding[] => {
    if (!one.error) return [];
    const { code, message, hint } = one.error;
    return [{ severity: 'error', code, message, ...(hint !== undefined && { hint }) }];
  });
  const refused = findings.length === 0 ? '' : `, ${findings.length} refused`;
  const waits =
    kind === 'retry' && changed.length > 0 ? '; a running millrace start, or the next run, takes them' : '';
  finish(io, options, {
    command: `tasks ${kind}`,
    findings,
    summary: `${changed.length} ${changed.length === 1 ? 'task' : 'tasks'} ${DONE[kind]}${refused}${waits}`,
    result: {
      tasks: outcomes.map(({ id, from, to, error }) => ({
        id,
        from,
        to: to ?? null,
        ...(error && { error }),
      })),
    },
  });
}

async function prune(options: GlobalOptions, io: CommandIo): Promise<void> {
  const { project, findings } = await loadProject(options.directory, {
    environment: 'lenient',
    env: io.env,
    cwd: io.cwd,
  });
  if (!project)
    return finish(io, options, {
      command: 'tasks prune',
      findings,
      summary: 'The project has errors; nothing was deleted',
    });
  await withStore('tasks prune', options, io, async (store) => {
    const routes = await pruneProject(store, project, Date.now(), new AbortController().signal);
    const total = Object.values(routes).reduce((sum, count) => sum + count, 0);
    const parts = Object.entries(routes).map(([route, count]) => `${count} of ${route}`);
    finish(io, options, {
      command: 'tasks prune',
      findings: findings.filter((finding) => finding.severity === 'error'),
      summary: `${total} tasks deleted${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`,
      result: { deleted: total, routes },
    });
  });
}
