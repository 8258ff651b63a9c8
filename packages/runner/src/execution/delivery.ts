import {
  type JsonObject,
  type Message,
  MillraceError,
  markPublishing,
  type Outcome,
  type RunContext,
  toMillraceError,
} from '@millrace/core';
import { inject, injectable } from 'tsyringe';
import { decodeTime } from 'ulid';
import type { CompiledOutgoing, CompiledProject, CompiledRoute } from '../compile/compile.ts';
import type { Clock } from '../store/clock.ts';
import type { ClaimedTask, Settlement, Store } from '../store/store.ts';
import { CLOCK, COMPILED, LOGGER, MASK, OUTGOING, ROUTES, STORE } from '../tokens.ts';
import { failedAt, failedInside } from './failed-at.ts';
import { boundLogger, type Pino } from './logger.ts';
import { onlyMessage } from './only-message.ts';
import { replay } from './replay.ts';
import type { SecretMask } from './secrets.ts';
import { Settler } from './settle.ts';
import { StorageSession } from './storage-session.ts';

interface Prepared {
  readonly task: ClaimedTask;
  readonly message: Message;
  readonly storages: StorageSession;
}

/** One publish call: takes claimed tasks through the outgoing's chain and sends them. */
@injectable()
export class Delivery {
  readonly #compiled: CompiledProject;
  readonly #outgoing: CompiledOutgoing;
  readonly #store: Store;
  readonly #logger: Pino;
  readonly #mask: SecretMask;
  readonly #settler: Settler;
  readonly #abort = new AbortController();
  readonly #now: () => number;
  #lastRun: { readonly id: string; readonly startedAt: string } | undefined;

  constructor(
    @inject(COMPILED) compiled: CompiledProject,
    @inject(OUTGOING) outgoing: CompiledOutgoing,
    @inject(ROUTES) routes: readonly CompiledRoute[],
    @inject(STORE) store: Store,
    @inject(LOGGER) logger: Pino,
    @inject(MASK) mask: SecretMask,
    @inject(CLOCK) clock: Clock,
  ) {
    this.#compiled = compiled;
    this.#outgoing = outgoing;
    this.#store = store;
    this.#logger = logger;
    this.#mask = mask;
    this.#now = () => clock.now();
    const byId = new Map(routes.map((route) => [route.id, route]));
    this.#settler = new Settler(outgoing.resource, byId, mask, clock);
    markPublishing(this.#abort.signal);
  }

  /** Gives up on the requests in hand: their outcomes are unknown. */
  abort(): void {
    this.#abort.abort(new Error('stopped'));
  }

  /** Never sends two of one key together: the claim sees to it. Rejects only for bugs. */
  async deliver(tasks: readonly ClaimedTask[]): Promise<readonly Settlement[]> {
    const settlements: Settlement[] = [];
    const prepared: Prepared[] = [];
    for (const task of tasks) {
      const result = await this.#prepare(task);
      if ('message' in result) prepared.push(result);
      else settlements.push(result);
    }
    if (prepared.length > 0) settlements.push(...(await this.#publish(prepared)));
    return settlements;
  }

  /** The message of a task, or its settlement where none is to be sent. */
  async #prepare(task: ClaimedTask): Promise<Prepared | Settlement> {
    const storages = new StorageSession(this.#store, this.#compiled.project.storages, this.#now);
    const run = this.#context(task, storages);
    if (task.stage !== 'outgoing')
      return replay(
        task,
        this.#compiled,
        { ...run, replay: true },
        { storages, mask: this.#mask, settler: this.#settler },
      );
    try {
      const made = await this.#outgoing.chain(task.data, run);
      storages.keep();
      const data = onlyMessage(made);
      if (data === undefined) return this.#settler.settle(task, { status: 'skipped' }, storages);
      const message = this.#message(task, data);
      if (task.inDoubt) {
        const verified = await this.#verify(task, message, run, storages);
        if (verified) return verified;
      }
      return { task, message, storages };
    } catch (thrown) {
      const error = failedAt(toMillraceError(thrown, 'entity.failed'), this.#outgoing.resource);
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
    if (answer === 'delivered' || typeof answer === 'object') {
      const outcome: Outcome = answer === 'delivered' ? { status: 'delivered' } : answer;
      remember(outcome, storages);
      return this.#settler.settle(task, outcome, storages);
    }
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
      remember(outcome, storages);
      return this.#settler.settle(task, outcome, storages);
    });
  }

  async #outcomes(messages: readonly Message[], run: RunContext): Promise<readonly Outcome[]> {
    try {
      const outcomes = await this.#outgoing.publisher.publish(messages, run);
      if (outcomes.length === messages.length) return outcomes.map((outcome) => this.#located(outcome));
      const counted = `${outcomes.length} outcomes for ${messages.length} messages`;
      const error = new MillraceError('publisher.outcomes', `The publisher gave ${counted}`);
      return messages.map(() => unknownOutcome(error));
    } catch (thrown) {
      return messages.map(() => unknownOutcome(toMillraceError(thrown, 'task.unknown_outcome')));
    }
  }

  /** A step of the publisher's own chain that failed is named with its line. */
  #located(outcome: Outcome): Outcome {
    if (!('error' in outcome) || !(outcome.error instanceof MillraceError)) return outcome;
    const { resource } = this.#outgoing;
    const error = failedInside(outcome.error, resource, 'publisher', resource.publisher);
    return error === outcome.error ? outcome : { ...outcome, error };
  }

  #message(task: ClaimedTask, data: JsonObject): Message {
    const { id: taskId, entity, attempt, runId } = task;
    return { data, entity, taskId, attempt, runId };
  }

  /** A run's id carries the time at which it began. */
  #runFacts(id: string): { readonly id: string; readonly startedAt: string } {
    if (this.#lastRun?.id !== id) this.#lastRun = { id, startedAt: new Date(decodeTime(id)).toISOString() };
    return this.#lastRun;
  }

  #context(task: ClaimedTask, storages: StorageSession): RunContext {
    return {
      id: task.runId,
      signal: this.#abort.signal,
      log: boundLogger(this.#logger, { run: task.runId, route: task.route, task: task.id }),
      storages,
      context: {
        run: this.#runFacts(task.runId),
        entity: task.entity,
        task: { id: task.id },
        attempt: task.attempt,
      },
    };
  }
}

/** What a publisher wants to know later is written with the delivery, as what the chain wrote is. */
function remember(outcome: Outcome, storages: StorageSession): void {
  if (!('remember' in outcome)) return;
  for (const { storage, key, value } of outcome.remember ?? []) {
    if (value === undefined) storages.get(storage).delete(key);
    else storages.get(storage).set(key, value);
  }
  storages.keep();
}

function unknownOutcome(error: Error): Outcome {
  return { status: 'unknown', error };
}
