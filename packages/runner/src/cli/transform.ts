import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  checkOptions,
  isObject,
  type Json,
  type JsonObject,
  MillraceError,
  suggestion,
  toMillraceError,
} from '@millrace/core';
import type { Command } from 'commander';
import { parseData } from '../config/exact-numbers.ts';
import { asRecords, readRecords } from '../config/given-file.ts';
import { loadProject } from '../config/load.ts';
import type { Project } from '../config/project.ts';
import { loadSettings } from '../config/settings.ts';
import type { RecordedCall } from '../config/test-file.ts';
import { RecordedCalls } from '../config/test-schema.ts';
import { SecretMask } from '../execution/secrets.ts';
import { findTarget } from '../preview/find-target.ts';
import { memoryStorages } from '../preview/storage-copy.ts';
import { type TransformReport, transform } from '../preview/transform.ts';
import { openExistingStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { type CommandIo, errorFinding, finish, type GlobalOptions, globalOptions } from './output.ts';
import { renderTransform } from './transform-report.ts';

interface TransformCommandOptions extends GlobalOptions {
  readonly input: string;
  readonly storages?: string;
  readonly http?: string;
  readonly parameters?: string;
  readonly now?: string;
}

export function registerTransform(program: Command, io: CommandIo): void {
  program
    .command('transform')
    .description('Take records through an incoming, route, outgoing or saved transformer, step by step')
    .argument('<target>', 'incoming/ID, routes/ID, outgoing/ID, transformers/ID, or just ID')
    .requiredOption(
      '--input <file>',
      'a record or a list of them: .json, .yaml, .ndjson, .csv; - is the input',
    )
    .option(
      '--storages <file>',
      'what the storages hold: { STORAGE: { KEY: value } } (default: a copy of the store)',
    )
    .option('--http <file>', 'recorded answers of systems, as http: of a test has them')
    .option('--parameters <file>', 'parameters of a saved transformer')
    .option('--now <time>', 'the time at which the clock stands, such as 2026-11-23T10:00:00Z')
    .action((target: string, _: unknown, command: Command) =>
      run(target, globalOptions<TransformCommandOptions>(command), io),
    );
}

async function run(name: string, options: TransformCommandOptions, io: CommandIo): Promise<void> {
  const { project, findings } = await loadProject(options.directory, {
    environment: 'lenient',
    env: io.env,
    cwd: io.cwd,
  });
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (!project)
    return finish(io, options, { command: 'transform', findings: errors, summary: 'The project has errors' });
  let store: Store | undefined;
  try {
    const target = findTarget(project, name);
    const inputs = await readInput(options.input, io);
    if (options.storages === undefined) store = await openStoreOf(options, io);
    const report = await transform(
      {
        project,
        target,
        storages: store ?? memoryStorages(await storagesOf(options, project, io)),
        http: await callsOf(options.http, io),
        parameters: await objectOf(options.parameters, '--parameters', io),
        ...(options.now !== undefined && { now: timeOf(options.now) }),
      },
      inputs,
    );
    tell(`${target.kind}/${target.id}`, masked(report, project), options, io);
  } catch (thrown) {
    const error = toMillraceError(thrown);
    finish(io, options, {
      command: 'transform',
      summary: error.message,
      findings: [errorFinding(error)],
      text: '',
    });
  } finally {
    await store?.close();
  }
}

function tell(target: string, report: TransformReport, options: GlobalOptions, io: CommandIo): void {
  const failed = report.records.flatMap(({ error }) => (error ? [error] : []));
  const findings = failed.map((error) => ({ severity: 'error' as const, ...error }));
  const made = report.records.reduce((sum, { output }) => sum + output.length, 0);
  const dropped = report.records.filter(({ output, error }) => output.length === 0 && !error).length;
  const counts = [`${made} came out`, `${dropped} dropped`, `${failed.length} failed`].join(', ');
  const summary = `${target}: ${report.records.length} in, ${counts}`;
  finish(io, options, {
    command: 'transform',
    // On a terminal each failure stands where it happened.
    findings: options.json ? findings : [],
    summary,
    result: { target, ...report },
    text: renderTransform(report, summary),
    exitCode: failed.length > 0 ? 3 : 0,
  });
}

function masked(report: TransformReport, project: Project): TransformReport {
  return new SecretMask(project.secrets).json(report as unknown as Json) as unknown as TransformReport;
}

async function readInput(file: string, io: CommandIo): Promise<readonly JsonObject[]> {
  if (file !== '-') return readRecords(resolve(io.cwd, file), file);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return asRecords(parse(text, 'the input'), 'the input');
}

/** The project's own store, where there is one; nothing is written to it. */
async function openStoreOf(options: GlobalOptions, io: CommandIo): Promise<Store | undefined> {
  if (options.store !== undefined) return openExistingStore(options.store, io.cwd);
  const { directory, url } = await loadSettings(options.directory, io);
  return openExistingStore(url, directory);
}

async function storagesOf(
  options: TransformCommandOptions,
  project: Project,
  io: CommandIo,
): Promise<Readonly<Record<string, JsonObject>>> {
  const contents = await objectOf(options.storages, '--storages', io);
  for (const [name, entries] of Object.entries(contents)) {
    if (!project.storages.has(name)) {
      const hint = suggestion(name, [...project.storages.keys()], 'there is');
      throw new MillraceError('config.unknown_reference', `There is no storage "${name}"`, { hint });
    }
    if (!isObject(entries))
      throw new MillraceError(
        'config.wrong_type',
        `--storages: "${name}" must be an object of keys and values`,
      );
  }
  return contents as Readonly<Record<string, JsonObject>>;
}

async function callsOf(file: string | undefined, io: CommandIo): Promise<readonly RecordedCall[]> {
  if (file === undefined) return [];
  const content = parse(await read(file, io), file);
  const checked = checkOptions(RecordedCalls, content, ({ code, message, hint, path }) => {
    throw new MillraceError(code, `${file}: ${message}`, { ...(hint && { hint }), path: path.join('.') });
  });
  return (checked ?? []) as unknown as readonly RecordedCall[];
}

async function objectOf(file: string | undefined, option: string, io: CommandIo): Promise<JsonObject> {
  if (file === undefined) return {};
  const content = parse(await read(file, io), file);
  if (!isObject(content))
    throw new MillraceError('config.wrong_type', `${option}: "${file}" holds no object`);
  return content;
}

function read(file: string, io: CommandIo): Promise<string> {
  return readFile(resolve(io.cwd, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new MillraceError('config.unreadable', `"${file}" cannot be read: ${error.code ?? error.message}`);
  });
}

/** JSON is YAML. */
function parse(text: string, what: string): Json {
  try {
    return (parseData(text) ?? {}) as Json;
  } catch (cause) {
    throw new MillraceError('config.syntax', `"${what}" cannot be parsed: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function timeOf(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new MillraceError(
      'call.invalid_option',
      `--now takes a time such as 2026-11-23T10:00:00Z, not "${text}"`,
    );
  return time;
}
