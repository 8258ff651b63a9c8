import { type NamedRecord, toMillraceError } from '@millrace/core';
import type { Command } from 'commander';
import { loadProject } from '../config/load.ts';
import { LOCK_FILE, type Lock, readLock, writeLock } from '../config/references/lock-file.ts';
import { SecretMask } from '../execution/secrets.ts';
import { type ReadTable, readReferences } from '../preview/read-references.ts';
import { newsOfTable, type TableNews } from '../preview/reference-news.ts';
import pc from './colours.ts';
import { type CommandIo, errorFinding, finish, type GlobalOptions, globalOptions } from './output.ts';
import { describeNews, SILENT } from './reference-findings.ts';

interface LockOptions extends GlobalOptions {
  readonly dryRun?: boolean;
}

export function registerLock(program: Command, io: CommandIo): void {
  program
    .command('lock')
    .description(
      `Ask the systems what stands for the names that references/ tells of, and keep it in ${LOCK_FILE}`,
    )
    .option('--dry-run', 'only tell what would change')
    .action(async (_: unknown, command: Command) => lock(globalOptions<LockOptions>(command), io));
}

const READ_MS = 120_000;

async function lock(options: LockOptions, io: CommandIo): Promise<void> {
  const load = (locking: 'open' | 'required') =>
    loadProject(options.directory, { environment: 'required', env: io.env, cwd: io.cwd, locking });
  const { project, findings } = await load('open');
  if (!project) {
    const errors = findings.filter(({ severity }) => severity === 'error');
    return finish(io, options, {
      command: 'lock',
      findings: errors,
      summary: 'The project has errors; nothing was locked',
    });
  }
  const mask = new SecretMask(project.secrets);
  const read = await readReferences(project, SILENT, AbortSignal.timeout(READ_MS));
  const unread = read.flatMap((one) => {
    if (!('error' in one)) return [];
    const at = one.resource.locate([one.resource.component, 'tables', one.table]);
    const finding = errorFinding(toMillraceError(one.error, 'client.unreachable').at(at));
    return [{ ...finding, message: mask.text(finding.message) }];
  });
  if (unread.length > 0)
    return finish(io, options, { command: 'lock', findings: unread, summary: 'Nothing was locked' });
  const tables = read.filter((one) => 'records' in one);
  // One that cannot be read is written anew.
  const before = await readLock(project.directory).catch((): Lock => new Map());
  const news = tables.map((one) => ({
    ...one,
    news: newsOfTable(before.get(one.id)?.get(one.system) ?? [], one.records),
  }));
  if (!options.dryRun) await writeLock(project.directory, next(before, tables));
  // Names that the project uses and that are not there are told with their places.
  const after = options.dryRun ? [] : (await load('required')).findings;
  finish(io, options, {
    command: 'lock',
    findings: after.filter(({ code }) => code === 'config.unknown_name' || code === 'config.ambiguous_name'),
    summary: `${tables.length} tables of names ${options.dryRun ? 'read' : 'locked'}`,
    result: {
      written: options.dryRun !== true,
      tables: news.map(({ id, system, records, news: { added, removed, renamed } }) => ({
        ...{ id, system, names: namesIn(records), added, removed, renamed },
      })),
    },
    text:
      news.length === 0
        ? 'The project has no references/: there is nothing to lock'
        : news.map(line).join('\n'),
  });
}

/** What is locked then: what was read in the place of what was; of other systems what there was of the same tables. */
function next(before: Lock, tables: readonly ReadTable[]): Lock {
  return new Map(
    tables.map(({ id, system, records }) => [id, new Map([...(before.get(id) ?? []), [system, records]])]),
  );
}

function namesIn(records: readonly NamedRecord[]): number {
  return new Set(records.map(({ name }) => name)).size;
}

function line({ id, system, records, news }: ReadTable & { readonly news: TableNews }): string {
  const told = describeNews(news);
  const renames = news.renamed.map(({ id: of, from, to }) => `    ${of}: "${from}" is called "${to}" now`);
  const gone = news.removed.map((name) => `    "${name}" is gone`);
  const head = `${pc.green('✓')} ${id}: ${namesIn(records)} names of ${system}${told ? ` (${told})` : ''}`;
  return [head, ...renames, ...gone].join('\n');
}
