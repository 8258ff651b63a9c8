import type { InjectionToken } from 'tsyringe';
import type {
  CompiledIncoming,
  CompiledOutgoing,
  CompiledProject,
  CompiledRoute,
} from './compile/compile.ts';
import type { IncomingRunOptions, OpenRun } from './execution/incoming-run.ts';
import type { Pino } from './execution/logger.ts';
import type { Progress } from './execution/progress.ts';
import type { SecretMask } from './execution/secrets.ts';
import type { Clock } from './store/clock.ts';
import type { Store, WorkerIdentity } from './store/store.ts';

function token<T>(name: string): InjectionToken<T> {
  return Symbol(name);
}

export const COMPILED = token<CompiledProject>('compiled project');
export const STORE = token<Store>('store');
export const WORKER = token<WorkerIdentity>('worker identity');
export const LOGGER = token<Pino>('logger');
export const MASK = token<SecretMask>('secret mask');
export const PROGRESS = token<Progress>('progress');
export const CLOCK = token<Clock>('clock');

/** In the container of one run. */
export const INCOMING = token<CompiledIncoming>('incoming');
export const RUN = token<OpenRun>('run');
export const RUN_OPTIONS = token<IncomingRunOptions>('run options');

/** In the container of a receiver's books, beside its incoming. */
export const RECEIVING_SIGNAL = token<AbortSignal>('signal of a receiver');

/** In the container of one outgoing's worker. */
export const OUTGOING = token<CompiledOutgoing>('outgoing');
export const ROUTES = token<readonly CompiledRoute[]>('routes');
