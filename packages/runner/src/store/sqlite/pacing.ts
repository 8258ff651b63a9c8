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
  return db.transaction(() => {
    db.run(
      'UPDATE client_requests SET at = ? WHERE client = ? AND at > ?',
      now,
      client,
      now + CLOCK_SLACK_MS,
    );
    db.run('DELETE FROM client_requests WHERE client = ? AND at <= ?', client, now - windowMs);
    const sent = (kind: string) => {
      const sql = 'SELECT sum(requests) AS sent FROM client_requests WHERE client = ? AND kind = ?';
      return Number(db.get(sql, client, kind)?.['sent'] ?? 0);
    };
    const polled = sent('poll');
    const free = Math.max(0, request.requests - polled - sent('publish'));
    const publish = Math.min(request.publish, free);
    if (request.publish > publish) rememberWait(db, client, now);
    const share = publishingWaits(db, client, now)
      ? Math.max(1, Math.floor(request.requests * POLL_SHARE)) - polled
      : request.requests;
    const poll = Math.max(0, Math.min(request.poll, free - publish, share));
    record(db, client, now, 'publish', publish);
    record(db, client, now, 'poll', poll);
    const oldest = db.get('SELECT min(at) AS at FROM client_requests WHERE client = ?', client)?.['at'];
    const nextAt = typeof oldest === 'number' ? oldest + windowMs : now;
    return { publish, poll, nextAt, left: free - publish - poll };
  });
}

function record(db: Database, client: string, now: number, kind: string, requests: number): void {
  if (requests === 0) return;
  db.run(
    'INSERT INTO client_requests (client, at, kind, requests) VALUES (?, ?, ?, ?)',
    client,
    now,
    kind,
    requests,
  );
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
