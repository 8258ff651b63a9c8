import {
  type EntityIdentity,
  type ErrorRecord,
  type JsonObject,
  type Message,
  type Outcome,
  type RunContext,
  toMillraceError,
} from '@millrace/core';
import type { CompiledOutgoing } from '../compile/compile.ts';
import type { Project } from '../config/project.ts';
import { onlyMessage } from '../execution/only-message.ts';
import { isRejection } from '../execution/process-batch.ts';
import type { SecretMask } from '../execution/secrets.ts';
import type { StorageSession } from '../execution/storage-session.ts';
import { withoutNetwork } from './network-guard.ts';
import type { PlannedRequest } from './plan-transport.ts';

/** What would become of a task in its outgoing. */
export interface PlannedDelivery {
  readonly outcome: 'sent' | 'skipped' | 'failed' | 'rejected';
  /** The message, where the publisher is no HTTP client and is not asked. */
  readonly message?: JsonObject;
  /** The requests of its publish call. */
  readonly requests: readonly PlannedRequest[];
  /** Tasks that the same publish call sends. */
  readonly together?: number;
  readonly error?: ErrorRecord;
}

interface PlannedTask {
  readonly key: string;
  readonly entity: EntityIdentity;
  readonly data: JsonObject;
  readonly planned: (delivery: PlannedDelivery) => void;
}

export interface PlanDeliveryOptions {
  readonly project: Project;
  readonly outgoing: CompiledOutgoing;
  /** With the signal of chains. */
  readonly run: RunContext;
  /** With which the publisher sends. */
  readonly signal: AbortSignal;
  readonly storages: StorageSession;
  /** Whether a client hands its requests over. */
  readonly attached: (client: string) => boolean;
  readonly tokens: Set<string>;
  readonly mask: SecretMask;
}

/** Takes tasks through an outgoing as its worker would, with requests that are written down and not sent. */
export class PlanDelivery {
  readonly #options: PlanDeliveryOptions;
  readonly #notes = new Set<string>();
  #waiting: PlannedTask[] = [];
  #captured: PlannedRequest[] = [];
  #tasks = 0;

  constructor(options: PlanDeliveryOptions) {
    this.#options = options;
  }

  get notes(): readonly string[] {
    return [...this.#notes];
  }

  captured(request: PlannedRequest): void {
    this.#captured.push(request);
  }

  /** True where the tasks in hand go out before another one of this key. */
  mustFlush(key: string): boolean {
    const { size } = this.#options.outgoing.batch;
    return this.#waiting.length >= size || this.#waiting.some((one) => one.key === key);
  }

  add(task: PlannedTask): void {
    this.#waiting.push(task);
  }

  /** One publish call for the tasks in hand. */
  async flush(): Promise<void> {
    const messages: { readonly message: Message; readonly planned: PlannedTask['planned'] }[] = [];
    for (const task of this.#waiting.splice(0)) {
      const message = await this.#message(task);
      if (message) messages.push({ message, planned: task.planned });
    }
    if (messages.length === 0) return;
    const { resource } = this.#options.outgoing;
    const { component, client } = resource.publisher;
    if (client === undefined || !this.#options.attached(client)) {
      this.#notes.add(
        client === undefined
          ? `The publisher "${component}" sends no requests by a client: its messages are shown instead`
          : `Client "${client}" does not hand \`transport\` to createHttp: its publisher is not asked, and its messages are shown instead`,
      );
      for (const { message, planned } of messages)
        planned({ outcome: 'sent', message: message.data, requests: [] });
      return;
    }
    const outcomes = await this.#publish(messages.map(({ message }) => message));
    const requests = this.#captured;
    this.#captured = [];
    const together = messages.length > 1 ? { together: messages.length } : {};
    for (const [index, { planned }] of messages.entries())
      planned({ ...this.#outcome(outcomes[index], requests.length > 0), requests, ...together });
  }

  /** The message of a task; undefined where none is to be sent, which is planned then. */
  async #message({ entity, data, planned }: PlannedTask): Promise<Message | undefined> {
    const { outgoing, run, storages } = this.#options;
    const taskId = `plan-${++this.#tasks}`;
    const context = { ...run.context, entity, task: { id: taskId }, attempt: 1 };
    try {
      const made = onlyMessage(await outgoing.chain(data, { ...run, context }));
      storages.keep();
      if (made) return { data: made, entity, taskId, attempt: 1, runId: run.id };
      planned({ outcome: 'skipped', requests: [] });
    } catch (thrown) {
      storages.discard();
      const error = toMillraceError(thrown, 'entity.failed').at(outgoing.resource.locate(['transformers']));
      planned({
        outcome: isRejection(error) ? 'rejected' : 'failed',
        requests: [],
        error: this.#record(error),
      });
    }
    return undefined;
  }

  async #publish(messages: readonly Message[]): Promise<readonly Outcome[]> {
    const { outgoing, run, signal, tokens } = this.#options;
    const [first] = messages;
    const context = {
      ...run.context,
      ...(first && { entity: first.entity, task: { id: first.taskId } }),
      attempt: 1,
    };
    const guard = {
      stopped: (what: string) =>
        void this.#notes.add(`${what} reached for the network past the client's transport, and was stopped`),
      lets: ({ method, url }: { readonly method: string; readonly url: string }) =>
        method === 'GET' || method === 'HEAD' || tokens.delete(`${method} ${url}`),
    };
    try {
      return await withoutNetwork(guard, () =>
        outgoing.publisher.publish(messages, { ...run, signal, context }),
      );
    } catch (thrown) {
      return messages.map(() => ({ status: 'failed', error: toMillraceError(thrown) }));
    }
  }

  /** Once a request was written down, what the publisher makes of its empty answer says nothing. */
  #outcome(outcome: Outcome | undefined, sent: boolean): Pick<PlannedDelivery, 'outcome' | 'error'> {
    if (outcome?.status === 'skipped') return { outcome: 'skipped' };
    if (sent || !outcome || !('error' in outcome)) return { outcome: 'sent' };
    const { resource } = this.#options.outgoing;
    const place = resource.locate(['publisher', resource.publisher.component]);
    const error = this.#record(toMillraceError(outcome.error).at(place));
    return { outcome: outcome.status === 'rejected' ? 'rejected' : 'failed', error };
  }

  #record(error: ReturnType<typeof toMillraceError>): ErrorRecord {
    return { ...error.toRecord(), message: this.#options.mask.text(error.message) };
  }
}
