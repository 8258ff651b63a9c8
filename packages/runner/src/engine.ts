import { hostname } from 'node:os';
import type { Client } from '@millrace/core';
import { compileProject } from './compile/compile.ts';
import type { Project } from './config/project.ts';
import { Container, type Shared } from './container.ts';
import { ClientTraffic } from './execution/client-traffic.ts';
import { createLogger } from './execution/logger.ts';
import type { Progress } from './execution/progress.ts';
import { SecretMask } from './execution/secrets.ts';
import { type Clock, systemClock } from './store/clock.ts';
import { openStore } from './store/open-store.ts';
import { createWorkerIdentity } from './store/worker-identity.ts';

export interface EngineOptions {
  readonly project: Project;
  /** A store URL of the command line, and the folder that a relative path in it belongs to. */
  readonly store?: { readonly url: string; readonly base: string };
  readonly logLevel?: string;
  readonly logStream: { write(line: string): void };
  readonly progress: Progress;
  readonly clock?: Clock;
}

/** An open engine: close it last. */
export interface Engine extends Shared {
  readonly container: Container;
  close(): Promise<void>;
}

/** The same engine with another project: same store, same worker, and the clients that are given. */
export function withProject(
  engine: Engine,
  project: Project,
  clients: Iterable<readonly [string, Client]>,
): Engine {
  const { logger, traffic, mask, store, clock } = engine;
  mask.learn(project.secrets);
  const services = { log: logger, traffic: (client: string) => traffic.of(client), now: () => clock.now() };
  const compiled = compileProject(project, services, clients);
  const shared: Shared = { ...engine, compiled };
  const close = async () => {
    await compiled.clients.close();
    await store.close();
  };
  return { ...shared, container: new Container(shared), close };
}

/** Builds what runs share, in order, and closes it in reverse. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { project, progress, clock = systemClock } = options;
  const mask = new SecretMask(project.secrets);
  const logger = createLogger(options.logLevel ?? project.settings.log.level, mask, options.logStream);
  const { url, base } = options.store ?? { url: project.settings.store, base: project.directory };
  const store = await openStore(url, base, () => clock.now());
  const traffic = new ClientTraffic(store, clock);
  try {
    const services = { log: logger, traffic: (client: string) => traffic.of(client), now: () => clock.now() };
    const compiled = compileProject(project, services);
    const worker = createWorkerIdentity();
    logger.debug({ worker: worker.id, host: hostname(), pid: worker.pid }, 'engine opened');
    const shared: Shared = { compiled, store, worker, logger, mask, progress, clock, traffic };
    const close = async () => {
      await compiled.clients.close();
      await store.close();
    };
    return { ...shared, container: new Container(shared), close };
  } catch (error) {
    await store.close();
    throw error;
  }
}
