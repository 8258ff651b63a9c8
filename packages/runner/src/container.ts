import 'reflect-metadata';
import type { DependencyContainer } from 'tsyringe';
import { container as root } from 'tsyringe';
import type {
  CompiledIncoming,
  CompiledOutgoing,
  CompiledProject,
  CompiledRoute,
} from './compile/compile.ts';
import { Backpressure } from './execution/backpressure.ts';
import type { ClientTraffic } from './execution/client-traffic.ts';
import { IncomingRun, type IncomingRunOptions, type OpenRun } from './execution/incoming-run.ts';
import type { Pino } from './execution/logger.ts';
import { OutgoingWorker } from './execution/outgoing-worker.ts';
import type { Progress } from './execution/progress.ts';
import { ReceivingRun } from './execution/receiving-run.ts';
import type { SecretMask } from './execution/secrets.ts';
import type { Clock } from './store/clock.ts';
import type { Store, WorkerIdentity } from './store/store.ts';
import {
  CLOCK,
  COMPILED,
  INCOMING,
  LOGGER,
  MASK,
  OUTGOING,
  PROGRESS,
  RECEIVING_SIGNAL,
  ROUTES,
  RUN,
  RUN_OPTIONS,
  STORE,
  WORKER,
} from './tokens.ts';

/** What all runs and workers of a process share. Built first, registered as instances: nothing else closes them. */
export interface Shared {
  readonly compiled: CompiledProject;
  readonly store: Store;
  readonly worker: WorkerIdentity;
  readonly logger: Pino;
  readonly mask: SecretMask;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly traffic: ClientTraffic;
}

/** The composition root: the only place that registers anything. */
export class Container {
  readonly #shared: DependencyContainer;

  constructor(shared: Shared) {
    this.#shared = root.createChildContainer();
    this.#shared.registerInstance(COMPILED, shared.compiled);
    this.#shared.registerInstance(STORE, shared.store);
    this.#shared.registerInstance(WORKER, shared.worker);
    this.#shared.registerInstance(LOGGER, shared.logger);
    this.#shared.registerInstance(MASK, shared.mask);
    this.#shared.registerInstance(PROGRESS, shared.progress);
    this.#shared.registerInstance(CLOCK, shared.clock);
  }

  backpressure(): Backpressure {
    return this.#shared.createChildContainer().resolve(Backpressure);
  }

  incomingRun(incoming: CompiledIncoming, opened: OpenRun, options: IncomingRunOptions): IncomingRun {
    const child = this.#shared.createChildContainer();
    child.registerInstance(INCOMING, incoming);
    child.registerInstance(RUN, opened);
    child.registerInstance(RUN_OPTIONS, options);
    return child.resolve(IncomingRun);
  }

  /** The signal gives up the requests of its chains. */
  receivingRun(incoming: CompiledIncoming, signal: AbortSignal): ReceivingRun {
    const child = this.#shared.createChildContainer();
    child.registerInstance(INCOMING, incoming);
    child.registerInstance(RECEIVING_SIGNAL, signal);
    return child.resolve(ReceivingRun);
  }

  outgoingWorker(outgoing: CompiledOutgoing, routes: readonly CompiledRoute[]): OutgoingWorker {
    const child = this.#shared.createChildContainer();
    child.registerInstance(OUTGOING, outgoing);
    child.registerInstance(ROUTES, routes);
    return child.resolve(OutgoingWorker);
  }
}
