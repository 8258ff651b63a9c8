import type { Paced, PaceRequest } from '../store.ts';
import type { Database } from './database.ts';

/** What polling may take of the limit while publishing waits. */
const POLL_SHARE = 0.8;
/** How long a wait of publishing is remembered: somebody who still waits says so again within it. */
const WAIT_MEMORY_MS = 1_000;
/** A clock that was set back leaves times in the future; further ahead than this they count as now. */
const CLOCK_SLACK_MS = 1_000;

/** A sliding-window log of what a client sent, shared by all processes: gives as many requests their turn as fit. */
export function pace(db: Database, request: PaceRequest): Paced {
  const { client, now, windowMs } = request;
  return db.quickTransaction(() => {
    // A request counts from its answer on: it had reached the other side by then, however late it got there.
    for (const { grant, at } of request.answered ?? []) {
      db.run('UPDATE client_requests SET at = max(at, ?) WHERE seq = ?', at, grant);
    }
    db.run(
      'UPDATE client_requests SET at = ? WHERE client = ? AND at > ?',
      now,
      client,
      now + CLOCK_SLACK_MS,
    );
    db.run('DELETE FROM client_requests WHERE client = ? AND at <= ?', client, now - windowMs);
    const sent = db.get(
      'SELECT sum(publish) AS publish, sum(poll) AS poll, min(at) AS at FROM client_requests WHERE client = ?',
      client,
    );
    const polled = Number(sent?.['poll'] ?? 0);
    const free = Math.max(0, request.requests - polled - Number(sent?.['publish'] ?? 0));
    const publish = Math.min(request.publish, free);
    if (request.publish > publish) rememberWait(db, client, now);
    const share = publishingWaits(db, client, now)
      ? Math.max(1, Math.floor(request.requests * POLL_SHARE)) - polled
      : request.requests;
    const poll = Math.max(0, Math.min(request.poll, free - publish, share));
    const grant = publish + poll > 0 ? record(db, client, now, publish, poll) : 0;
    const oldest = sent?.['at'];
    const nextAt = (typeof oldest === 'number' ? oldest : now) + windowMs;
    return { publish, poll, grant, nextAt, left: free - publish - poll };
  });
}

function record(db: Database, client: string, now: number, publish: number, poll: number): number {
  const sql = 'INSERT INTO client_requests (client, at, publish, poll) VALUES (?, ?, ?, ?)';
  return db.run(sql, client, now, publish, poll).lastId;
}

function rememberWait(db: Database, client: string, now: number): void {
  db.run(
    `INSERT INTO client_waits (client, publish_until) VALUES (?, ?)
     ON CONFLICT (client) DO UPDATE SET publish_until = excluded.publish_until`,
    client,
    now + WAIT_MEMORY_MS,
  );
}

function publishingWaits(db: Database, client: string, now: number): boolean {
  const until = db.get('SELECT publish_until FROM client_waits WHERE client = ?', client)?.['publish_until'];
  return typeof until === 'number' && until > now && until <= now + WAIT_MEMORY_MS;
}
