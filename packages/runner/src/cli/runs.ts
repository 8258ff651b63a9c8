import { MillraceError } from '@millrace/core';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { type CommandIo, errorFinding, finish, type GlobalOptions, globalOptions } from './output.ts';
import { PLAIN_TABLE } from './plain-table.ts';
import { booksLine, runResult } from './run-report.ts';
import { colour } from './task-story.ts';
import { positive } from './tasks.ts';
import { withStore } from './with-store.ts';

interface ListOptions extends GlobalOptions {
  readonly incoming?: string;
  readonly limit: number;
}

export function registerRuns(program: Command, io: CommandIo): void {
  const runs = program.command('runs').description('Look at the runs of the store');
  runs
    .command('list')
    .description('List runs, newest first')
    .option('--incoming <id>', 'only of this incoming')
    .option('--limit <n>', 'at most so many', positive, 20)
    .action((_: unknown, command: Command) => list(globalOptions<ListOptions>(command), io));
  runs
    .command('show')
    .description('Tell all that is known of one run')
    .argument('<id>', 'id of the run')
    .action((id: string, _: unknown, command: Command) => show(id, globalOptions(command), io));
}

async function list(options: ListOptions, io: CommandIo): Promise<void> {
  await withStore('runs list', options, io, async (store) => {
    const { incoming, limit } = options;
    const found = await store.runs({ limit, ...(incoming !== undefined && { incoming }) });
    const head = ['run', 'incoming', 'status', 'started', 'read', 'dropped', 'failed', 'passed', 'seconds'];
    const table = new Table({ head, style: { head: [], border: [], compact: true }, chars: PLAIN_TABLE });
    for (const { id, incoming: name, status, startedAt, counts, seconds, receiving } of found) {
      const started = startedAt.slice(0, 19).replace('T', ' ');
      table.push([
        id,
        name,
        receiving && status === 'running' ? 'receiving' : colour(status),
        started,
        counts.read,
        counts.dropped,
        counts.failed,
        counts.passed,
        seconds.toFixed(1),
      ]);
    }
    const text = found.length === 0 ? 'No run.' : table.toString();
    const result = {
      runs: found.map((run) => ({
        ...runResult(run),
        startedAt: run.startedAt,
        finishedAt: run.finishedAt ?? null,
      })),
    };
    finish(io, options, { command: 'runs list', summary: `${found.length} runs`, result, text });
  });
}

async function show(id: string, options: GlobalOptions, io: CommandIo): Promise<void> {
  await withStore('runs show', options, io, async (store) => {
    const run = await store.run(id);
    if (!run) {
      const error = new MillraceError('call.unknown_id', `There is no run "${id}"`, {
        hint: 'List the runs with millrace runs list.',
      });
      finish(io, options, {
        command: 'runs show',
        summary: error.message,
        findings: [errorFinding(error)],
        text: '',
      });
      return;
    }
    const { startedAt, finishedAt, resumed, position, cursor } = run;
    const result = {
      ...runResult(run),
      startedAt,
      finishedAt: finishedAt ?? null,
      resumed,
      position: position ?? null,
      cursor: cursor ?? null,
    };
    const text = [
      booksLine(run),
      `started ${startedAt}, ended ${finishedAt ?? 'not yet'}`,
      ...(run.error ? [`${run.error.code}: ${run.error.message}`] : []),
    ];
    for (const [route, books] of Object.entries(run.counts.routes)) {
      text.push(
        `  ${route}: ${Object.entries(books)
          .map(([name, count]) => `${count} ${name}`)
          .join(', ')}`,
      );
    }
    finish(io, options, {
      command: 'runs show',
      summary: `Run ${run.id} is ${run.status}`,
      result,
      text: text.join('\n'),
    });
  });
}
