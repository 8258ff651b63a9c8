import { watch } from 'node:fs';
import { basename } from 'node:path';
import { toMillraceError } from '@millrace/core';
import { type Command, InvalidArgumentError } from 'commander';
import { loadProject } from '../config/load.ts';
import type { Finding, Project } from '../config/project.ts';
import { type Engine, openEngine } from '../engine.ts';
import type { Pino } from '../execution/logger.ts';
import { openHttp } from '../service/http-server.ts';
import { Metrics } from '../service/metrics.ts';
import { Service } from '../service/service.ts';
import { type CommandIo, errorFinding, finish, type GlobalOptions, globalOptions } from './output.ts';
import { watchSignals } from './signals.ts';

interface StartOptions extends GlobalOptions {
  readonly watch?: boolean;
  readonly host?: string;
  readonly port?: number;
}

/** Editors write a file in several steps: a change counts when it has been quiet for so long. */
const QUIET_MS = 200;
const WATCHED = /\.(ya?ml|json|csv|ts|env)$|^\.env$/;

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('a port from 0 to 65535 is wanted.');
  return value;
}

export function registerStart(program: Command, io: CommandIo): void {
  program
    .command('start')
    .description('Run incomings by their schedules and deliver tasks as they come, until SIGTERM')
    .option('--watch', 'reload when a file of the project changes (SIGHUP reloads at any time)')
    .option('--host <address>', 'address of the HTTP port, instead of http.host')
    .option('--port <n>', 'its number, instead of http.port; 0 is off', port)
    .action((_: unknown, command: Command) => start(globalOptions<StartOptions>(command), io));
}

async function start(options: StartOptions, io: CommandIo): Promise<void> {
  const { project, findings } = await loadProject(options.directory, {
    environment: 'required',
    env: io.env,
    cwd: io.cwd,
  });
  if (!project) {
    return finish(io, options, {
      command: 'start',
      findings,
      summary: 'The project has errors; nothing was started',
    });
  }
  const signals = watchSignals(io);
  let engine: Engine | undefined;
  try {
    const metrics = new Metrics();
    engine = await openEngine({
      project,
      progress: { ...metrics.progress, note: (text) => engine?.logger.warn({}, text) },
      logStream: io.stderr,
      logLevel: options.logLevel ?? (options.quiet ? 'warn' : project.settings.log.level),
      ...(options.store !== undefined && { store: { url: options.store, base: io.cwd } }),
    });
    engine.traffic.listen((...answer) => metrics.answered(...answer));
    tell(engine.logger, findings);
    await serve(engine, metrics, options, io, signals.signal);
    finish(io, options, { command: 'start', summary: 'Stopped', text: '', exitCode: 0 });
  } catch (thrown) {
    const failed = errorFinding(toMillraceError(thrown));
    finish(io, options, { command: 'start', findings: [failed], summary: failed.message, text: '' });
  } finally {
    signals.stop();
    await engine?.close();
  }
}

async function serve(
  engine: Engine,
  metrics: Metrics,
  options: StartOptions,
  io: CommandIo,
  signal: AbortSignal,
): Promise<void> {
  const { logger, compiled } = engine;
  const service = new Service(engine, { metrics });
  metrics.watch(service);
  const settings = compiled.project.settings.http;
  const wanted = { ...settings, host: options.host ?? settings.host, port: options.port ?? settings.port };
  // Before anything runs: a port that is taken is a mistake to be seen at once.
  const http = wanted.port === 0 ? undefined : await openHttp(service, metrics, wanted);
  const receiving = [...compiled.incoming.values()].filter((one) => one.receiver).map((one) => one.id);
  if (!http && receiving.length > 0)
    logger.warn(
      { incoming: receiving },
      'nothing is received: the HTTP port is off; set http.port, or --port',
    );
  const reloads = watchReloads(options, io, logger, (project) => service.reload(project));
  try {
    await service.start();
    const units = service.units.map((unit) => unit.id);
    logger.info(
      {
        units,
        ...(http && { url: http.url }),
        ...(http && !wanted.token && { note: 'no http.token: only /health and /hooks answer' }),
      },
      'started',
    );
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    reloads.stop();
    logger.info({}, 'stopping: no new runs; batches and requests in hand end');
    await service.stop();
    logger.info({}, 'stopped');
  } finally {
    reloads.stop();
    await http?.close();
    if (service.engine !== engine) await service.engine.compiled.clients.close();
  }
}

function tell(logger: Pino, findings: readonly Finding[]): void {
  for (const finding of findings) {
    const { severity, message, ...facts } = finding;
    if (severity === 'error') logger.error(facts, message);
    else if (severity === 'warning') logger.warn(facts, message);
  }
}

/** Reloads on SIGHUP, and with `--watch` on changes. A broken change is told with its findings, and left. */
function watchReloads(
  options: StartOptions,
  io: CommandIo,
  logger: Pino,
  reload: (project: Project) => Promise<object>,
) {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const run = async () => {
    try {
      const { project, findings } = await loadProject(options.directory, {
        environment: 'required',
        env: io.env,
        cwd: io.cwd,
      });
      if (stopped) return;
      tell(logger, findings);
      if (!project)
        return logger.error(
          { findings: findings.length },
          'the changed project has errors: the one before keeps running',
        );
      logger.info(await reload(project), 'reloaded');
    } catch (error) {
      logger.error(
        { err: toMillraceError(error) },
        'the project could not be reloaded: the one before keeps running',
      );
    }
  };
  const onHup = () => void run();
  process.on('SIGHUP', onHup);
  const watcher = options.watch
    ? watch(options.directory, { recursive: true }, (_, name) => {
        const file = name === null ? '' : String(name);
        if (file.startsWith('.millrace') || !WATCHED.test(basename(file))) return;
        clearTimeout(timer);
        timer = setTimeout(() => void run(), QUIET_MS);
      })
    : undefined;
  watcher?.on('error', (error) =>
    logger.warn({ err: error }, 'the files are watched no longer; SIGHUP reloads'),
  );
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      watcher?.close();
      process.off('SIGHUP', onHup);
    },
  };
}
