import { relative, resolve } from 'node:path';
import { type Json, MillraceError, parseJson, toMillraceError } from '@millrace/core';
import { loadProject } from '../config/load.ts';
import type { Project } from '../config/project.ts';
import { shownPath } from '../config/source.ts';
import { createLogger } from '../execution/logger.ts';
import { SecretMask } from '../execution/secrets.ts';
import { findTarget } from '../preview/find-target.ts';
import { planRoute } from '../preview/plan.ts';
import { systemClock } from '../store/clock.ts';
import { openExistingStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { demandRows, type RecordedFiles, recordedTests } from '../testing/record.ts';
import { type Recorded, Recording } from '../testing/recording.ts';
import { Redactor } from '../testing/redactor.ts';
import pc from './colours.ts';
import { type CommandIo, errorFinding, finish, type GlobalOptions, logLevel } from './output.ts';
import { watchSignals } from './signals.ts';
import { writeNew } from './templates.ts';

export interface RecordOptions extends GlobalOptions {
  readonly record: string;
  readonly limit: number;
  readonly from?: string;
  readonly redact: readonly string[];
  readonly keep: readonly string[];
}

/** Reads live records of a route and writes first tests of them. Publishes and stores nothing. */
export async function record(options: RecordOptions, io: CommandIo): Promise<void> {
  const { project, findings } = await loadProject(options.directory, {
    environment: 'required',
    env: io.env,
    cwd: io.cwd,
  });
  if (!project)
    return finish(io, options, {
      command: 'test',
      findings,
      summary: 'The project has errors; nothing was read',
    });
  let store: Store | undefined;
  const signals = watchSignals(io);
  try {
    store = await storeOf(options, project, io);
    const redactor = new Redactor({ fields: options.redact, keep: options.keep });
    const recorded = await read(project, options, io, signals.signal, redactor, store);
    if (signals.received) return tellCancelled(signals.received, options, io);
    const root = resolve(io.cwd, options.directory);
    await writeNew(root, recorded.files, io.cwd);
    tell(recorded, redactor, root, options, io);
  } catch (thrown) {
    const error = toMillraceError(thrown);
    const masked = { ...errorFinding(error), message: new SecretMask(project.secrets).text(error.message) };
    finish(io, options, { command: 'test', summary: masked.message, findings: [masked], text: '' });
  } finally {
    signals.stop();
    await store?.close();
  }
}

async function read(
  project: Project,
  options: RecordOptions,
  io: CommandIo,
  signal: AbortSignal,
  redactor: Redactor,
  store: Store | undefined,
): Promise<RecordedFiles> {
  const { id } = findTarget(project, options.record, ['routes']);
  const route = project.routes.get(id);
  if (!route) throw new MillraceError('call.unknown_id', `There is no route "${id}"`);
  const mask = new SecretMask(project.secrets);
  const recording = new Recording();
  const now = systemClock.now();
  await planRoute({
    project,
    route,
    ...(store && { store }),
    limit: options.limit,
    ...(options.from !== undefined && { from: cursorOf(options.from) }),
    signal,
    clock: systemClock,
    log: createLogger(logLevel(options, project, true), mask, io.stderr),
    mask,
    recording,
  });
  if (!signal.aborted) demandRows(recording, id);
  return recordedTests(project, route, masked(recording, mask), redactor, now);
}

/** The secrets of the project are gone before anything else is looked at. */
function masked({ rows, calls, seeds }: Recorded, mask: SecretMask): Recorded {
  return mask.json({ rows, calls, seeds } as unknown as Json) as unknown as Recorded;
}

function storeOf(options: GlobalOptions, project: Project, io: CommandIo): Promise<Store | undefined> {
  return options.store !== undefined
    ? openExistingStore(options.store, io.cwd)
    : openExistingStore(project.settings.store, project.directory);
}

function cursorOf(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

function tell(
  { files, notes }: RecordedFiles,
  redactor: Redactor,
  root: string,
  options: RecordOptions,
  io: CommandIo,
): void {
  const names = [...files.keys()].sort();
  const replaced = Object.entries(redactor.counts).map(([kind, count]) => `${count} × ${kind}`);
  const shown = shownPath(root, io.cwd);
  finish(io, options, {
    command: 'test',
    summary: `Wrote ${names.length} files`,
    result: { directory: relative(io.cwd, root) || '.', files: names, replaced: redactor.counts, notes },
    text: [
      ...names.map((name) => `${pc.green('+')} ${shown}/${name}`),
      ...notes.map((note) => `${pc.yellow('!')} ${note}`),
      '',
      `Replaced by made-up values: ${replaced.join(', ') || 'nothing'}. Look through the files before you commit them;`,
      '--redact FIELD replaces more, --keep FIELD less. `millrace test` runs them.',
    ].join('\n'),
  });
}

function tellCancelled(signal: 'SIGINT' | 'SIGTERM', options: RecordOptions, io: CommandIo): void {
  const exitCode = signal === 'SIGINT' ? 130 : 143;
  finish(io, options, { command: 'test', summary: 'Cancelled: nothing was written', exitCode });
}
