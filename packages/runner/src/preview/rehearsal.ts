import {
  type Chain,
  type Context,
  type EntityIdentity,
  fillParameters,
  type JsonObject,
  type Logger,
  type Message,
  MillraceError,
  markPublishing,
  type Outcome,
  type RunContext,
  type Transport,
} from '@millrace/core';
import { type Identify, ResourceCompiler } from '../compile/resource-compiler.ts';
import type { Project, RouteResource } from '../config/project.ts';
import { identified, identityOf, unambiguous } from '../execution/identified.ts';
import { onlyMessage } from '../execution/only-message.ts';
import { StorageSession, type StorageSource } from '../execution/storage-session.ts';
import { FailingStep } from './failing-step.ts';
import { siteTrace, type Watch } from './site-trace.ts';
import { standIns } from './stand-ins.ts';
import { resourceOf, type Target } from './step-site.ts';

/** What `@{…}` reads outside of real runs. Documented: tests rely on it. */
const RUN_ID = 'test-run';
const taskId = (index: number) => `test-task-${index + 1}`;
const entityId = (index: number) => `test-entity-${index + 1}`;

export interface RehearsalOptions {
  readonly project: Project;
  readonly target: Target;
  /** Milliseconds since the epoch at which the clock stands. Default: it runs. */
  readonly now?: number;
  readonly storages: StorageSource;
  readonly transport: Transport;
  /** Of a saved transformer. */
  readonly parameters?: JsonObject;
  readonly watches?: readonly Watch[];
}

/** What became of one record. */
export interface Taken {
  /** What came out; none where it was dropped or failed. */
  readonly made: readonly JsonObject[];
  readonly entity: EntityIdentity;
  /** With the file and the line of the step. */
  readonly error?: MillraceError;
}

const IDENTITY = new Set(['entity.no_identifier', 'entity.ambiguous']);
const QUIET: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Takes records through one target as a run would, with nothing of the outside world: no store, no system, no clock. */
export class Rehearsal {
  readonly #options: RehearsalOptions;
  readonly #parts: ResourceCompiler;
  readonly #storages: StorageSession;
  readonly #failing: FailingStep;
  readonly #run: RunContext;
  readonly #publishing = new AbortController();
  readonly #entityOf: (record: JsonObject, index: number) => EntityIdentity;
  readonly #through: (record: JsonObject, index: number) => Promise<readonly JsonObject[]>;
  #taken = 0;

  constructor(options: RehearsalOptions) {
    const { project, target, transport } = options;
    const now = options.now === undefined ? () => Date.now() : () => options.now ?? 0;
    this.#options = options;
    this.#parts = new ResourceCompiler(project, {
      log: QUIET,
      traffic: () => undefined,
      transport: () => transport,
      options: standIns,
      now,
    });
    this.#storages = new StorageSession(options.storages, project.storages, now);
    this.#failing = new FailingStep(project);
    markPublishing(this.#publishing.signal);
    const context: Context = { run: { id: RUN_ID, startedAt: new Date(now()).toISOString() } };
    this.#run = {
      id: RUN_ID,
      signal: new AbortController().signal,
      log: QUIET,
      storages: this.#storages,
      context,
      trace: siteTrace(target, project, [this.#failing.watch, ...(options.watches ?? [])]),
    };
    this.#entityOf = this.#identity();
    this.#through = this.#compile();
  }

  /** True for a signal with which the publisher of the target sends. */
  isPublishing(signal: AbortSignal): boolean {
    return signal === this.#publishing.signal;
  }

  /** Takes one record through. What it writes to storages is seen by those behind it, unless it fails. */
  async take(record: JsonObject): Promise<Taken> {
    const index = this.#taken++;
    const entity = this.#entityOf(record, index);
    try {
      const made = await this.#through(record, index);
      this.#storages.keep();
      return { made, entity };
    } catch (thrown) {
      this.#storages.discard();
      const nameless = thrown instanceof MillraceError && IDENTITY.has(thrown.code);
      const place = this.#place(nameless ? ['entity', 'identifier'] : ['transformers']);
      return { made: [], entity, error: this.#failing.locate(thrown, place) };
    }
  }

  /** Gives messages to the publisher of an outgoing, as many in a call as it would. Returns the outcomes. */
  async publish(messages: readonly (Taken & { readonly index: number })[]): Promise<readonly Outcome[]> {
    const resource = this.#options.project.outgoing.get(this.#options.target.id);
    if (!resource) throw new MillraceError('internal.bug', `${this.#options.target.id} is no outgoing`);
    const publisher = this.#parts.publisher(resource);
    const outcomes: Outcome[] = [];
    for (let start = 0; start < messages.length; start += resource.batch.size) {
      const group = messages.slice(start, start + resource.batch.size).map(toMessage);
      const [first] = group;
      if (!first) continue;
      const { entity, taskId: id } = first;
      const context = { ...this.#run.context, entity, task: { id }, attempt: 1 };
      const run = { ...this.#run, signal: this.#publishing.signal, context };
      outcomes.push(...(await publisher.publish(group, run)));
    }
    return outcomes;
  }

  /** An error of the publisher, with the place of its slot in the file. */
  locateOutcome(error: Error): MillraceError {
    const { id } = this.#options.target;
    const component = this.#options.project.outgoing.get(id)?.publisher.component ?? '';
    return this.#failing.locate(error, this.#place(['publisher', component]));
  }

  async close(): Promise<void> {
    await this.#parts.clients.close();
  }

  #place(path: readonly (string | number)[]) {
    const { target, project } = this.#options;
    return resourceOf(project, `${target.kind}/${target.id}`)?.locate(path) ?? {};
  }

  #compile(): (record: JsonObject, index: number) => Promise<readonly JsonObject[]> {
    const { project, target, parameters = {} } = this.#options;
    switch (target.kind) {
      case 'incoming': {
        const resource = required(project.incoming.get(target.id), target);
        const chain = this.#parts.chain('incoming', resource.transformers);
        const entity = this.#parts.identify(resource.entity);
        const run = { ...this.#run, identify: (data: JsonObject) => identityOf(data, entity) };
        return async (record) => identified(await chain(record, run), entity).map(({ data }) => data);
      }
      case 'routes': {
        const resource = required(project.routes.get(target.id), target);
        const chain = this.#parts.chain('route', resource.transformers);
        const own = resource.entity && this.#parts.identify(resource.entity);
        return async (record, index) => {
          const entity = this.#entityOf(record, index);
          const made = await this.#with(chain, record, { entity }, own);
          const told = own ? identified(made, own) : unambiguous(made.map((data) => ({ data, entity })));
          return told.map(({ data }) => data);
        };
      }
      case 'outgoing': {
        const resource = required(project.outgoing.get(target.id), target);
        const chain = this.#parts.chain('outgoing', resource.transformers);
        return async (record, index) => {
          const more = { entity: this.#entityOf(record, index), task: { id: taskId(index) }, attempt: 1 };
          const message = onlyMessage(await this.#with(chain, record, more));
          return message ? [message] : [];
        };
      }
      case 'transformers': {
        const { chain, parameters: declared } = this.#parts.saved(target.id);
        const given = fillParameters(declared, parameters, target.id);
        return async (record, index) => {
          const more = { entity: this.#entityOf(record, index), task: { id: taskId(index) }, attempt: 1 };
          return this.#with(chain, record, { ...more, parameters: given });
        };
      }
    }
  }

  async #with(
    chain: Chain,
    record: JsonObject,
    more: Partial<Context>,
    own?: Identify,
  ): Promise<readonly JsonObject[]> {
    const context = { ...this.#run.context, ...more };
    const identify = own && { identify: (data: JsonObject) => identityOf(data, own) };
    return chain(record, { ...this.#run, context, ...identify });
  }

  /** What a record is known by, as far as the project tells; a test may give it without its identifier. */
  #identity(): (record: JsonObject, index: number) => EntityIdentity {
    const { project, target } = this.#options;
    const route = target.kind === 'routes' ? project.routes.get(target.id) : this.#routeTo();
    const incoming = project.incoming.get(target.kind === 'incoming' ? target.id : (route?.incoming ?? ''));
    const rule = (target.kind === 'outgoing' ? route?.entity : undefined) ?? incoming?.entity;
    const type = rule?.type ?? 'entity';
    // What an outgoing is given is no record of the incoming any more.
    const known =
      rule && target.kind !== 'outgoing' ? this.#parts.identify(rule).identifier : () => undefined;
    return (record, index) => ({ type, id: known(record) ?? entityId(index) });
  }

  #routeTo(): RouteResource | undefined {
    const { project, target } = this.#options;
    if (target.kind !== 'outgoing') return undefined;
    return [...project.routes.values()].find(({ outgoing }) => outgoing === target.id);
  }
}

function toMessage({ made, entity, index }: Taken & { readonly index: number }): Message {
  return { data: made[0] ?? {}, entity, taskId: taskId(index), attempt: 1, runId: RUN_ID };
}

function required<T>(resource: T | undefined, { kind, id }: Target): T {
  if (resource === undefined) throw new MillraceError('call.unknown_id', `There is no ${kind}/${id}`);
  return resource;
}
