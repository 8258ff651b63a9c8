import { createHash } from 'node:crypto';
import { isObject, type Json, type JsonObject, milliseconds, toMillraceError } from '@millrace/core';
import { createHttp, type HttpClient } from '@millrace/core/http';
import type { NotifyRule } from '../config/project.ts';
import type { Engine } from '../engine.ts';
import { CronSchedule } from '../schedule/cron.ts';

const LOOK_MS = 5_000;
/** Failures named in one message; the rest is counted by the next. */
const MOST = 100;
/** Without `after`, an incoming is stale when it has not finished for so many of its intervals, at least ten minutes. */
const STALE_INTERVALS = 3;
const STALE_AT_LEAST_MS = 600_000;

type Event = 'failed' | 'unbalanced' | 'stale';

interface Found {
  /** For the body of the message. */
  readonly facts: JsonObject;
  /** Remembered when the message was accepted. */
  readonly mark: Json;
}

/** Tells webhooks what went wrong: at least once, each thing by itself, and again until it is accepted. */
export class Notifier {
  readonly #engine: Engine;
  readonly #stop = new AbortController();
  readonly #startedAt: number;
  #done: Promise<void> = Promise.resolve();

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#startedAt = engine.clock.now();
  }

  start(): void {
    if (this.#engine.compiled.project.settings.notify.length > 0) this.#done = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('stopped'));
    await this.#done;
  }

  async #watch(): Promise<void> {
    const { clock, compiled, logger } = this.#engine;
    const { signal } = this.#stop;
    const rules = compiled.project.settings.notify;
    const clients = rules.map((rule) => createHttp({ baseUrl: rule.webhook, retry: { attempts: 1 } }));
    while (!signal.aborted) {
      for (const [index, rule] of rules.entries()) {
        const http = clients[index];
        if (!http) continue;
        await this.#tell(rule, http).catch((error) => {
          // Not its message: the address of a webhook is a secret.
          const { code, status } = toMillraceError(error);
          logger.warn({ notify: index, code, status }, 'a notification was not accepted; it is sent again');
        });
      }
      await clock.sleep(LOOK_MS, signal);
    }
    for (const http of clients) http.close();
  }

  async #tell(rule: NotifyRule, http: HttpClient): Promise<void> {
    const { store, clock, mask } = this.#engine;
    for (const event of rule.on) {
      // Not its address, which is a secret: a hash of it, so that a changed one begins anew.
      const id = `${event}:${createHash('sha256').update(rule.webhook).digest('hex')}`;
      const mark = await store.notified(id);
      const found = await this.#find(event, rule, mark ?? null);
      if (!found) continue;
      const json = mask.json({ event, at: new Date(clock.now()).toISOString(), ...found.facts });
      await http.request({ method: 'POST', path: '', json, signal: this.#stop.signal });
      await store.setNotified(id, found.mark);
    }
  }

  async #find(event: Event, rule: NotifyRule, mark: Json): Promise<Found | undefined> {
    const now = this.#engine.clock.now();
    const after = rule.after === undefined ? undefined : milliseconds(rule.after);
    if (event === 'failed')
      return this.#failed(typeof mark === 'number' ? mark : this.#startedAt - 1, now - (after ?? 0));
    if (event === 'unbalanced')
      return this.#unbalanced(typeof mark === 'number' ? mark : this.#startedAt, now - (after ?? 0));
    return this.#stale(isObject(mark) ? mark : {}, now, after);
  }

  async #failed(since: number, until: number): Promise<Found | undefined> {
    const tasks = await this.#engine.store.failuresSince(since, until, MOST);
    const last = tasks.at(-1);
    if (!last) return undefined;
    const listed = tasks.map(({ id, route, type, identifier, status, error }) => ({
      id,
      route,
      entity: `${type}/${identifier}`,
      status,
      error: error ? { code: error.code, message: error.message } : null,
    }));
    return {
      facts: { message: `${tasks.length} tasks failed`, tasks: listed },
      mark: Date.parse(last.updatedAt),
    };
  }

  async #unbalanced(since: number, until: number): Promise<Found | undefined> {
    const runs = (await this.#engine.store.runs({ limit: MOST })).filter((run) => {
      const ended = Date.parse(run.finishedAt ?? '');
      return run.status === 'unbalanced' && ended > since && ended <= until;
    });
    const [newest] = runs;
    if (!newest) return undefined;
    const listed = runs.map(({ id, incoming, error }) => ({ id, incoming, message: error?.message ?? '' }));
    return {
      facts: { message: `The books of ${runs.length} runs do not balance`, runs: listed },
      mark: Date.parse(newest.finishedAt ?? ''),
    };
  }

  /** Incomings that have not finished a run for too long; each is told once for each time that it lasts. */
  async #stale(known: JsonObject, now: number, after: number | undefined): Promise<Found | undefined> {
    const { store, compiled } = this.#engine;
    const told: Record<string, Json> = {};
    const stale: JsonObject[] = [];
    for (const [id, { resource }] of compiled.incoming) {
      if (!resource.schedule) continue;
      const finished = (await store.runs({ incoming: id, limit: 50 })).find(
        (run) => run.status === 'finished' && !run.receiving,
      );
      const since = finished?.finishedAt === undefined ? this.#startedAt : Date.parse(finished.finishedAt);
      const most = after ?? defaultPatience(new CronSchedule(resource.schedule), now);
      if (now - since <= most) continue;
      told[id] = finished?.id ?? 'never';
      if (known[id] !== told[id]) stale.push({ incoming: id, finishedAt: finished?.finishedAt ?? null });
    }
    if (stale.length === 0) return undefined;
    const names = stale.map((one) => one['incoming']).join(', ');
    return { facts: { message: `No finished run for too long: ${names}`, incoming: stale }, mark: told };
  }
}

function defaultPatience(cron: CronSchedule, now: number): number {
  const next = cron.next(now);
  const following = next === undefined ? undefined : cron.next(next);
  if (next === undefined || following === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(STALE_AT_LEAST_MS, (following - next) * STALE_INTERVALS);
}
