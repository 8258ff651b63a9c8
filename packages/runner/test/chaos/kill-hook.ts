// Loaded into the command under test by `node --import`: watches it from outside, and kills it where it is told to.
import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { type Action, POINTS, type Point, readTriggers, type Sighting } from './points.ts';
import { fillDisk, makeRoom, watchSqlite } from './watched-sqlite.ts';

/** Where the parent listens for points that are told. */
export const TOLD = 3;
const HOUR_MS = 3_600_000;

const triggers = readTriggers(process.env).map((trigger) => ({ ...trigger, left: trigger.n }));
let signalled = false;
// Only where it is waited for: a listener changes what a signal does before the command has one of its own.
if (triggers.some(({ point }) => point === 'draining')) process.on('SIGTERM', () => (signalled = true));

const realNow = Date.now;
let shift = 0;

const ACTIONS: Readonly<Record<Action, (point: string) => void>> = {
  kill: () => void process.kill(process.pid, 'SIGKILL'),
  // Synchronous: it is with the parent before anything else happens here.
  tell: (point) => void writeSync(TOLD, `${point}\n`),
  full: fillDisk,
  room: makeRoom,
  ahead: () => jump(HOUR_MS),
  behind: () => jump(-HOUR_MS),
};

function jump(milliseconds: number): void {
  shift += milliseconds;
  Date.now = () => realNow() + shift;
}

function see(seen: Sighting): void {
  for (const trigger of triggers) {
    if (trigger.left === 0) continue;
    const point: Point = POINTS[trigger.point];
    if (point.at(seen, signalled) && --trigger.left === 0) ACTIONS[trigger.action](trigger.point);
  }
}

const watchHttp = (channel: string, kind: 'request' | 'response') =>
  subscribe(channel, (message) => {
    const { method, path } = (message as { request: ClientRequest }).request;
    see({ kind, method, path });
  });

watchHttp('http.client.request.start', 'request');
watchHttp('http.client.response.finish', 'response');
watchSqlite(see);
// The project's own transformer calls it, as it would call anything of its own.
Object.assign(globalThis, { [Symbol.for('millrace.chaos')]: () => see({ kind: 'transform' }) });
see({ kind: 'started' });
