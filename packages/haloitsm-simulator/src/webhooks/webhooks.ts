import { haloDate } from '../data/dates.ts';
import { isObject, type Json, type JsonObject } from '../data/json.ts';
import type { Records } from '../data/records.ts';
import type { Faults } from '../faults/faults.ts';
import type { Rendering } from '../rendering.ts';
import type { Saved } from '../writing/saving.ts';
import { deliver } from './delivery.ts';
import { eventsOf, type HookEvent } from './events.ts';
import { payloadOf } from './payload.ts';

/** Deliveries that the log keeps. */
const MAX_LOG = 5000;

export interface WebhooksContext {
  readonly records: Records;
  readonly rendering: Rendering;
  readonly faults: Faults;
  readonly now: () => number;
  /** The log of deliveries has grown. */
  readonly logged: () => void;
}

/** What is on its way to a webhook: one event, or those of a batch. */
interface Parcel {
  readonly id: string;
  readonly webhook: JsonObject;
  readonly notificationId: number;
  readonly objectId: Json;
  readonly body: string;
}

interface Batch {
  readonly parcels: Parcel[];
  readonly timer: NodeJS.Timeout;
  readonly send: () => void;
}

/** Sends what happens at the desk to the webhooks that want to know it, each one's in order. */
export class Webhooks {
  readonly #context: WebhooksContext;
  /** The end of what each webhook has to send. */
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #batches = new Map<string, Batch>();
  readonly #failures = new Map<string, number>();
  readonly #late = new Set<Promise<void>>();
  readonly #stop = new AbortController();

  constructor(context: WebhooksContext) {
    this.#context = context;
  }

  /** Tells the webhooks of a change. */
  tell(saved: Saved): void {
    const { records } = this.#context;
    const webhooks = records.all('Webhook').filter(isSending);
    if (webhooks.length === 0) return;
    for (const event of eventsOf(saved, (id) => records.get('Tickets', String(id)))) {
      for (const webhook of webhooks) {
        const notificationId = this.#wanting(webhook, event);
        if (notificationId !== undefined) this.#take(webhook, event, notificationId);
      }
    }
  }

  /** Sends a delivery of the log again, as somebody at the desk can. False where there is no such delivery. */
  resend(id: string): boolean {
    const { records } = this.#context;
    const log = records.get('WebhookEvent', id);
    const webhook = log && records.get('Webhook', String(log['webhook_id']));
    if (!log || !webhook) return false;
    const body = String(log['requestbody']);
    const notificationId = Number(log['notification_id']);
    this.#queue({ id, webhook, notificationId, objectId: log['entity_id'] ?? null, body });
    return true;
  }

  /** Everything that was to be sent has been. */
  async settled(): Promise<void> {
    while (this.#batches.size > 0 || this.#lanes.size > 0 || this.#late.size > 0) {
      for (const batch of [...this.#batches.values()]) batch.send();
      await Promise.all([...this.#lanes.values(), ...this.#late]);
    }
  }

  /** Gives up what is on its way. */
  stop(): void {
    this.#stop.abort();
    for (const { timer } of this.#batches.values()) clearTimeout(timer);
    this.#batches.clear();
  }

  /** The id of the notification by which a webhook wants an event; undefined where it does not. */
  #wanting(webhook: JsonObject, event: HookEvent): number | undefined {
    const own = Array.isArray(webhook['events'])
      ? (webhook['events'] as readonly Json[]).filter(isObject)
      : [];
    const id = String(webhook['id']).toLowerCase();
    const notifications = this.#context.records
      .all('Notification')
      .filter((one) => String(one['webhook_id']).toLowerCase() === id);
    const wanting = [...own, ...notifications].find((one) => isOf(one, event));
    return wanting && (Number(wanting['id']) || 0);
  }

  #take(webhook: JsonObject, event: HookEvent, notificationId: number): void {
    const id = crypto.randomUUID();
    const time = this.#context.now();
    const envelope = {
      id,
      webhookId: String(webhook['id']),
      notificationId,
      messageId: crypto.randomUUID(),
      time,
    };
    const body = payloadOf(webhook, event, envelope, this.#context.rendering);
    const parcel = { id, webhook, notificationId, objectId: event.object['id'] ?? null, body };
    const method = Number(webhook['batch_method'] ?? 0);
    if (method === 0) return this.#queue(parcel);
    // 1: the same event, 2: the same kind of event, 3: any.
    const group = method === 1 ? event.name : method === 2 ? event.resource : '';
    this.#batch(`${String(webhook['id'])} ${group}`, parcel);
  }

  #batch(key: string, parcel: Parcel): void {
    const { webhook } = parcel;
    const limit = Number(webhook['batch_limit'] ?? 0) || Number.POSITIVE_INFINITY;
    const delayMs = Math.max(Number(webhook['batch_delay_seconds'] ?? 1), 0) * 1000;
    const batch = this.#batches.get(key) ?? this.#newBatch(key, delayMs);
    batch.parcels.push(parcel);
    if (batch.parcels.length >= limit) batch.send();
  }

  #newBatch(key: string, delayMs: number): Batch {
    const parcels: Parcel[] = [];
    const send = () => {
      clearTimeout(batch.timer);
      this.#batches.delete(key);
      const [first] = parcels;
      if (first) this.#queue({ ...first, body: `[${parcels.map(({ body }) => body).join(',')}]` });
    };
    const batch = { parcels, timer: setTimeout(send, delayMs).unref(), send };
    this.#batches.set(key, batch);
    return batch;
  }

  #queue(parcel: Parcel): void {
    const fault = this.#context.faults.nextHook();
    if (fault?.kind === 'hook-lost') return;
    if (fault?.kind === 'hook-late') return this.#sendLate(parcel, fault.delayMs);
    const lane = String(parcel.webhook['id']);
    const sends = fault?.kind === 'hook-double' ? 2 : 1;
    const end = (this.#lanes.get(lane) ?? Promise.resolve()).then(async () => {
      for (let sent = 0; sent < sends; sent++) await this.#send(parcel);
      if (this.#lanes.get(lane) === end) this.#lanes.delete(lane);
    });
    this.#lanes.set(lane, end);
  }

  #sendLate(parcel: Parcel, delayMs: number): void {
    const late = new Promise<void>((resolve) => setTimeout(resolve, delayMs).unref())
      .then(() => this.#send(parcel))
      .finally(() => this.#late.delete(late));
    this.#late.add(late);
  }

  async #send({ id, webhook, notificationId, objectId, body }: Parcel): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const { records, now, logged } = this.#context;
    const timestamp = haloDate(now());
    const delivery = await deliver(webhook, body, this.#stop.signal);
    const isGood = delivery.status >= 200 && delivery.status < 300;
    const { requestHeaders, status, responseHeaders, responseBody, duration } = delivery;
    const names = { integation_method_name: '', notification_id: notificationId };
    const exchange = { requestheaders: requestHeaders, requestbody: body, responsestatus: status, duration };
    const answer = { responseheaders: responseHeaders, responsebody: responseBody, error: !isGood };
    const key = records.get('WebhookEvent', id) ? crypto.randomUUID() : id;
    const place = { id: key, webhook_id: webhook['id'] ?? null, entity_id: objectId, status, timestamp };
    records.put('WebhookEvent', { ...place, ...names, ...exchange, ...answer });
    const log = records.all('WebhookEvent');
    if (log.length > MAX_LOG) records.remove('WebhookEvent', String(log[0]?.['id']));
    this.#note(String(webhook['id']), status, isGood);
    logged();
  }

  /** A webhook that fails so often in a row is switched off. */
  #note(id: string, status: number, isGood: boolean): void {
    const webhook = this.#context.records.get('Webhook', id);
    if (!webhook) return;
    const failures = isGood ? 0 : (this.#failures.get(id) ?? 0) + 1;
    this.#failures.set(id, failures);
    const limit = Number(webhook['auto_disable_attempts'] ?? 0);
    const active = !(limit > 0 && failures >= limit) && webhook['active'] !== false;
    this.#context.records.put('Webhook', { ...webhook, last_status: status, active });
  }
}

/** Type 0 sends; runbooks are webhooks too. */
function isSending(webhook: JsonObject): boolean {
  const isOff = webhook['active'] === false || webhook['disabled'] === true;
  return !isOff && Number(webhook['type'] ?? 0) === 0 && Boolean(webhook['url']);
}

function isOf(wanted: JsonObject, event: HookEvent): boolean {
  const number = Number(wanted['eventno'] ?? 0);
  if (number > 0) return number === event.number;
  return String(wanted['name'] ?? '').toLowerCase() === event.name.toLowerCase();
}
