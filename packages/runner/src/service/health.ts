import { toMillraceError } from '@millrace/core';
import { ping } from '../execution/ping.ts';
import type { Service } from './service.ts';

/** How long an answer of a client stands: asking costs a request of its limit. */
const FRESH_MS = 30_000;
const PING_MS = 10_000;

interface Check {
  readonly ok: boolean;
  readonly checkedAt: string;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface HealthReport {
  readonly live: true;
  /** The store and every client that is used can be reached, and it is not about to stop. */
  readonly ready: boolean;
  readonly stopping: boolean;
  readonly store: Check;
  readonly clients: Readonly<Record<string, Check>>;
}

/** Whether a runner can do its work. */
export class Health {
  readonly #service: Service;
  readonly #clients = new Map<
    string,
    { readonly at: number; readonly client: object; readonly check: Promise<Check> }
  >();

  constructor(service: Service) {
    this.#service = service;
  }

  async report(): Promise<HealthReport> {
    const { compiled, store, clock } = this.#service.engine;
    const checked = await this.#check(() => store.renew(this.#service.engine.worker, clock.now()));
    const { clients: known } = compiled.project;
    // Of what is switched off nobody asks anything, also where something was made with it.
    const used = [...compiled.clients.made].filter(([id]) => known.get(id)?.enabled !== false);
    const entries = used.map(async ([id, client]) => {
      const known = this.#clients.get(id);
      const fresh = known && known.client === client && clock.now() - known.at < FRESH_MS;
      const check = fresh ? known.check : this.#check(() => ping(client, PING_MS));
      if (!fresh) this.#clients.set(id, { at: clock.now(), client, check });
      return [id, await check] as const;
    });
    const clients = Object.fromEntries(await Promise.all(entries));
    const { stopping } = this.#service;
    const ready = !stopping && checked.ok && Object.values(clients).every((one) => one.ok);
    return { live: true, ready, stopping, store: checked, clients };
  }

  async #check(work: () => Promise<unknown>): Promise<Check> {
    const { clock, mask } = this.#service.engine;
    const checkedAt = new Date(clock.now()).toISOString();
    try {
      await work();
      return { ok: true, checkedAt };
    } catch (thrown) {
      const { code, message } = toMillraceError(thrown);
      return { ok: false, checkedAt, error: { code, message: mask.text(message) } };
    }
  }
}
