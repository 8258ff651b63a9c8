import {
  type JsonObject,
  type Message,
  MillraceError,
  type Outcome,
  type RunContext,
  toMillraceError,
} from '@millrace/core';
import { inject, injectable } from 'tsyringe';
import { decodeTime } from 'ulid';
import type { CompiledOutgoing, CompiledProject, CompiledRoute } from '../compile/compile.ts';
import type { ClaimedTask, ClaimRequest, Settlement, Store, WorkerIdentity } from '../store/store.ts';
import { COMPILED, LOGGER, MASK, OUTGOING, PROGRESS, ROUTES, STORE, WORKER } from '../tokens.ts';
import { boundLogger, type Pino } from './logger.ts';
import type { Progress } from './progress.ts';
import type { SecretMask } from './secrets.ts';
import { Settler } from './settle.ts';
import { StorageSession } from './storage-session.ts';

/** Asked with the time at which the next task is due: how many milliseconds to wait for more, or to stop. */
export type Until = (nextDue: number | undefined) => Promise<'stop' | number>;

interface Prepared {
  readonly task: ClaimedTask;
  readonly message: Message;
  readonly storages: StorageSession;
}

/** Works the tasks of an outgoing's routes: claims what is due, publishes it, stores the outcomes. */
@injectable()
export class OutgoingWorker {
  readonly #compiled: CompiledProject;
  readonly #outgoing: CompiledOutgoing;
  readonly #routes: readonly string[];
  readonly #store: Store;
  readonly #worker: WorkerIdentity;
  readonly #logger: Pino;
  readonly #progress: Progress;
  readonly #settler: Settler;
  readonly #abort = new AbortController();
  #inFlight = 0;
  /** Publish calls that ended and wait to be stored. */
  #finished: { calls: number; settlements: Settlement[] } = { calls: 0, settlements: [] };
  #failure: unknown;
  #woken = false;
  #wake: (() => void) | undefined;

  constructor(
    @inject(COMPILED) compiled: CompiledProject,
    @inject(OUTGOING) outgoing: CompiledOutgoing,
    @inject(ROUTES) routes: readonly CompiledRoute[],
    @inject(STORE) store: Store,
    @inject(WORKER) worker: WorkerIdentity,
    @inject(LOGGER) logger: Pino,
    @inject(MASK) mask: SecretMask,
    @inject(PROGRESS) progress: Progress,
  ) {
    this.#compiled = compiled;
    this.#outgoing = outgoing;
    this.#routes = routes.map((route) => route.id);
    this.#store = store;
    this.#worker = worker;
    this.#logger = logger;
    this.#progress = progress;
    this.#settler = new Settler(outgoing.resource, new Map(routes.map((route) => [route.id, route])), mask);
  }

  /** Something may have become due: new tasks were stored, or the end is near. */
  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /**
   * Works until `until` says so, which is asked whenever nothing is claimable and nothing in flight, with the time
   * (milliseconds since the epoch) at which the next task is due. Aborting the signal starts nothing new and waits
   * for what is in hand. Rejects when the store fails.
   */
  async work(until: Until, signal: AbortSignal): Promise<void> {
    const wake = () => this.wake();
    signal.addEventListener('abort', wake);
    try {
      for (;;) {
        const { nextDue } = await this.#turn(!signal.aborted);
        if (this.#failure) throw this.#failure;
        if (this.#finished.calls > 0) continue;
        if (this.#inFlight === 0 && signal.aborted) return;
        const wait = nextDue === undefined ? undefined : nextDue - Date.now();
        if (this.#inFlight > 0) await this.#sleep(wait);
        else {
          const verdict = await until(nextDue);
          if (verdict === 'stop') return;
          await this.#sleep(Math.min(verdict, wait ?? verdict));
        }
        // One turn of the event loop: calls that end together are stored together.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /** Gives up on the requests in hand: their outcomes are unknown. */
  abort(): void {
    this.#abort.abort(new Error('stopped'));
  }

  /** Stores what ended and takes what is due, in one transaction. */
  async #turn(claims: boolean): Promise<{ nextDue?: number }> {
    const { calls, settlements } = this.#finished;
    this.#finished = { calls: 0, settlements: [] };
    const slots = claims ? this.#outgoing.resource.concurrency - this.#inFlight + calls : 0;
    if (calls === 0 && slots <= 0) return {};
    const turn = await this.#store.settleAndClaim(settlements, slots > 0 ? this.#claim(slots) : undefined);
    this.#inFlight -= calls;
    this.#report(settlements, new Set(turn.refused));
    for (const group of turn.groups) {
      this.#inFlight++;
      void this.#handle(group);
    }
    return { ...(turn.nextDue !== undefined && { nextDue: turn.nextDue }) };
  }

  #claim(slots: number): ClaimRequest {
    const { resource, batch } = this.#outgoing;
    const { concurrency, onUnknown } = resource;
    return {
      routes: this.#routes,
      worker: this.#worker,
      now: Date.now(),
      concurrency,
      slots,
      batch,
      onUnknown,
    };
  }

  /** One publish call's worth of tasks. Its slot is free again only when its outcomes are stored. */
  async #handle(tasks: readonly ClaimedTask[]): Promise<void> {
    const settlements: Settlement[] = [];
    try {
      const prepared: Prepared[] = [];
      for (const task of tasks) {
        const result = await this.#prepare(task);
        if ('message' in result) prepared.push(result);
        else settlements.push(result);
      }
      if (prepared.length > 0) settlements.push(...(await this.#publish(prepared)));
    } catch (thrown) {
      // Neither a chain nor a publisher comes here: their errors are outcomes. This is ours, and ends the work.
      this.#failure ??= thrown;
    }
    this.#finished.calls++;
    this.#finished.settlements.push(...settlements);
    this.wake();
  }

  /** The message of a task, or its settlement where none is to be sent. */
  async #prepare(task: ClaimedTask): Promise<Prepared | Settlement> {
    const storages = new StorageSession(this.#store, this.#compiled.project.storages);
    const run = this.#context(task, storages);
    try {
      const made = await this.#outgoing.chain(task.data, run);
      storages.keep();
      const [data] = made;
      if (data === undefined) return this.#settler.settle(task, { status: 'skipped' }, storages);
      if (made.length > 1) {
        throw new MillraceError(
          'outgoing.many_messages',
          `The outgoing made ${made.length} messages of one task`,
        );
      }
      const message = this.#message(task, data);
      if (task.inDoubt) {
        const verified = await this.#verify(task, message, run, storages);
        if (verified) return verified;
      }
      return { task, message, storages };
    } catch (thrown) {
      const error = toMillraceError(thrown, 'entity.failed').at(
        this.#outgoing.resource.locate(['transformers']),
      );
      const status = this.#settler.statusOf(error);
      return this.#settler.settle(task, { status, error }, storages);
    }
  }

  /** After an attempt whose outcome is not known: asks before anything is sent again. */
  async #verify(
    task: ClaimedTask,
    message: Message,
    run: RunContext,
    storages: StorageSession,
  ): Promise<Settlement | undefined> {
    const { publisher } = this.#outgoing;
    if (!publisher.verify) return this.#settler.exhausted(task, storages);
    const answer = await publisher.verify(message, run).catch((thrown: unknown) => {
      run.log.warn({ err: thrown }, 'verifying an unknown outcome failed');
      return 'unknown' as const;
    });
    if (answer === 'delivered') return this.#settler.settle(task, { status: 'delivered' }, storages);
    if (answer === 'absent') return this.#settler.exhausted(task, storages);
    const error = new MillraceError('task.unknown_outcome', 'It cannot be told what the attempt before did');
    return this.#settler.settle(task, { status: 'unknown', error }, storages);
  }

  async #publish(prepared: readonly Prepared[]): Promise<readonly Settlement[]> {
    const first = prepared[0];
    if (!first) return [];
    const run = this.#context(first.task, first.storages);
    const messages = prepared.map((one) => one.message);
    const outcomes = await this.#outcomes(messages, run);
    if (prepared.length > 1 && outcomes.every((outcome) => outcome.status === 'rejected')) {
      // A batch is refused whole for one bad element: the halves find it, and the others go through.
      const middle = Math.ceil(prepared.length / 2);
      const left = await this.#publish(prepared.slice(0, middle));
      return [...left, ...(await this.#publish(prepared.slice(middle)))];
    }
    return prepared.map(({ task, storages }, index) => {
      const outcome = outcomes[index] ?? unknownOutcome(new Error('no outcome'));
      return this.#settler.settle(task, outcome, storages);
    });
  }

  async #outcomes(messages: readonly Message[], run: RunContext): Promise<readonly Outcome[]> {
    try {
      const outcomes = await this.#outgoing.publisher.publish(messages, run);
      if (outcomes.length === messages.length) return outcomes;
      const counted = `${outcomes.length} outcomes for ${messages.length} messages`;
      const error = new MillraceError('publisher.outcomes', `The publisher gave ${counted}`);
      return messages.map(() => unknownOutcome(error));
    } catch (thrown) {
      return messages.map(() => unknownOutcome(toMillraceError(thrown, 'task.unknown_outcome')));
    }
  }

  #report(settlements: readonly Settlement[], refused: ReadonlySet<string>): void {
    for (const { task, state, error } of settlements) {
      const facts = { task: task.id, route: task.route, run: task.runId, attempt: task.attempt, state };
      if (refused.has(task.id))
        this.#logger.warn(facts, 'the lease of a task was lost; its outcome is refused');
      else {
        this.#progress.route(task.route, { state, count: 1 });
        if (error) this.#logger.warn({ ...facts, error }, `task ${state}`);
        else this.#logger.debug(facts, `task ${state}`);
      }
    }
  }

  #message(task: ClaimedTask, data: JsonObject): Message {
    const { id: taskId, entity, attempt, runId } = task;
    return { data, entity, taskId, attempt, runId };
  }

  #context(task: ClaimedTask, storages: StorageSession): RunContext {
    return {
      id: task.runId,
      signal: this.#abort.signal,
      log: boundLogger(this.#logger, { run: task.runId, route: task.route, task: task.id }),
      storages,
      context: {
        // A run's id carries the time at which it began.
        run: { id: task.runId, startedAt: new Date(decodeTime(task.runId)).toISOString() },
        entity: task.entity,
        task: { id: task.id },
        attempt: task.attempt,
      },
    };
  }

  /** Resolves at the next wake-up, or after so many milliseconds where a number is given. */
  async #sleep(milliseconds: number | undefined): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      // A wake-up between the last look and now counts.
      if (this.#woken) return resolve();
      this.#wake = resolve;
      if (milliseconds !== undefined)
        timer = setTimeout(resolve, Math.min(Math.max(milliseconds, 1), 60_000));
    });
    clearTimeout(timer);
    this.#woken = false;
    this.#wake = undefined;
  }
}

function unknownOutcome(error: Error): Outcome {
  return { status: 'unknown', error };
}
