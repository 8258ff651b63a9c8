import { type ErrorRecord, MillraceError, milliseconds, type Outcome, toMillraceError } from '@millrace/core';
import type { CompiledRoute } from '../compile/compile.ts';
import type { OutgoingResource } from '../config/project.ts';
import type { Clock } from '../store/clock.ts';
import type { ClaimedTask, NewTask, Settlement } from '../store/store.ts';
import { isRejection } from './process-batch.ts';
import { retryDelay } from './retry.ts';
import type { SecretMask } from './secrets.ts';
import type { StorageSession } from './storage-session.ts';

/** Turns the outcome of an attempt into what is stored: state, time of the next try, error, history. */
export class Settler {
  readonly #outgoing: OutgoingResource;
  readonly #routes: ReadonlyMap<string, CompiledRoute>;
  readonly #mask: SecretMask;
  readonly #clock: Clock;

  constructor(
    outgoing: OutgoingResource,
    routes: ReadonlyMap<string, CompiledRoute>,
    mask: SecretMask,
    clock: Clock,
  ) {
    this.#clock = clock;
    this.#outgoing = outgoing;
    this.#routes = routes;
    this.#mask = mask;
  }

  settle(task: ClaimedTask, outcome: Outcome, storages: StorageSession): Settlement {
    const finishedAt = this.#clock.now();
    const exchange =
      outcome.exchange && this.#keepsExchange(task, outcome) && this.#mask.exchange(outcome.exchange);
    const base = { task, finishedAt, ...(exchange && { exchange }) };
    switch (outcome.status) {
      case 'delivered':
      case 'waiting':
      case 'skipped': {
        const state = outcome.status === 'delivered' ? 'finished' : outcome.status;
        const response = this.#mask.json(outcome.response);
        const writes = outcome.status === 'skipped' ? [] : storages.take();
        const { confirmWithin } = this.#outgoing;
        const confirm = state === 'waiting' && confirmWithin !== undefined;
        return {
          ...base,
          state,
          storageWrites: writes,
          ...(response !== undefined && { response }),
          ...(confirm && { confirmBy: finishedAt + milliseconds(confirmWithin) }),
        };
      }
      case 'rejected':
      case 'failed':
        return { ...base, state: outcome.status, error: this.#record(outcome.error) };
      case 'retry':
      case 'unknown':
        return {
          ...base,
          ...this.#tryAgain(task, outcome.status, toMillraceError(outcome.error), finishedAt),
        };
    }
  }

  /** The state that an error of the chain leads to. */
  statusOf(error: MillraceError): 'rejected' | 'retry' | 'failed' {
    if (isRejection(error)) return 'rejected';
    return error.retried ? 'retry' : 'failed';
  }

  /** Fails a task in doubt whose attempts were used up by processes that died; undefined while it has some left. */
  exhausted(task: ClaimedTask, storages: StorageSession): Settlement | undefined {
    if (task.tries <= this.#outgoing.retry.attempts) return undefined;
    const error = new MillraceError(
      'task.unknown_outcome',
      `None of ${task.tries - 1} attempts came to a known outcome`,
      { hint: 'Look in the other system whether it arrived, then retry or skip the task.' },
    );
    return this.settle(task, { status: 'failed', error }, storages);
  }

  /** What failed before it was a task went through its chains, and is one now. */
  replayed(task: ClaimedTask, tasks: readonly NewTask[], storages: StorageSession): Settlement {
    return {
      task,
      state: 'new',
      finishedAt: this.#clock.now(),
      replayed: tasks,
      storageWrites: storages.take(),
    };
  }

  failedAgain(task: ClaimedTask, state: 'failed' | 'rejected', error: ErrorRecord): Settlement {
    return { task, state, finishedAt: this.#clock.now(), error };
  }

  #tryAgain(
    task: ClaimedTask,
    status: 'retry' | 'unknown',
    error: MillraceError,
    now: number,
  ): Pick<Settlement, 'state' | 'dueAt' | 'error' | 'uncounted'> {
    const record = this.#record(error);
    if (error.code === 'client.parked') {
      return { state: 'retry', dueAt: now + (error.retryAfter ?? 1000), error: record, uncounted: true };
    }
    if (status === 'unknown' && this.#outgoing.onUnknown === 'hold')
      return { state: 'unknown', error: record };
    const delay = retryDelay(this.#outgoing.retry, task.tries, error);
    if (delay === undefined) return { state: 'failed', error: record };
    return { state: status, dueAt: now + delay, error: record };
  }

  #record(thrown: Error) {
    const error = toMillraceError(thrown, 'client.refused');
    const record = error.toRecord();
    return { ...record, message: this.#mask.text(record.message) };
  }

  #keepsExchange(task: ClaimedTask, outcome: Outcome): boolean {
    const wanted = this.#routes.get(task.route)?.resource.history.exchange ?? 'failed';
    return wanted === 'always' || 'error' in outcome;
  }
}
