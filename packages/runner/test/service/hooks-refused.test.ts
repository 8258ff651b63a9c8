import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../schedule/virtual-clock.ts';
import { HookRig, TICKETS } from './hook-rig.ts';

const ticket = (id: number, more: object = {}) => ({ id, summary: `ticket ${id}`, changed: 1, ...more });

describe('a webhook is refused', () => {
  const refused = async (answer: ReturnType<HookRig['ask']>) => {
    const { status, body, headers, text } = await answer;
    expect(text).not.toMatch(/s3cret|port-token|\/tmp|node_modules|to-file/);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(Object.keys(body)).toEqual(['error']);
    return [status, (body['error'] as { code: string }).code];
  };

  it('with a clear answer for each reason, and counted', async () => {
    const log: string[] = [];
    const rig = await HookRig.start(
      {
        ...TICKETS,
        'incoming/off.yaml': `enabled: false\n${TICKETS['incoming/tickets.yaml']}`,
        'incoming/reading.yaml':
          'subscriber: { storage: { storage: desk } }\nentity: { type: t, identifier: key }\n',
      },
      { log: (line) => void log.push(line) },
    );
    const good = JSON.stringify(ticket(1));
    expect(await refused(rig.post(good, { 'x-key': 'guess' }))).toEqual([401, 'hook.unauthorized']);
    expect(await refused(rig.post('{', { 'x-key': '' }))).toEqual([401, 'hook.unauthorized']);
    expect(await refused(rig.post(good, { 'x-key': '', authorization: 'Bearer port-token' }))).toEqual([
      401,
      'hook.unauthorized',
    ]);
    expect(await refused(rig.post('{'))).toEqual([400, 'hook.unreadable']);
    expect(await refused(rig.post('[1]'))).toEqual([400, 'hook.unreadable']);
    expect(await refused(rig.post(good, { 'content-type': 'text/html' }))).toEqual([
      415,
      'hook.unsupported_type',
    ]);
    expect(await refused(rig.post({ id: 1, summary: 'x'.repeat(3000) }))).toEqual([413, 'hook.too_large']);
    for (const method of ['GET', 'DELETE', 'PUT', 'OPTIONS']) {
      const answer = await rig.ask('/hooks/tickets', { method });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    }
    const unknown = await rig.post(good, {}, '/hooks/nothing');
    for (const path of [
      '/hooks/off',
      '/hooks/reading',
      '/hooks/',
      '/hooks/tickets/x',
      '/hooks/..%2ftickets',
    ]) {
      const answer = await rig.post(good, {}, path);
      expect([path, answer.status, answer.text]).toEqual([path, 404, unknown.text]);
    }
    expect((await rig.ask('/hooks/tickets', { method: 'GET' })).headers.get('x-content-type-options')).toBe(
      'nosniff',
    );
    expect(await rig.sent()).toEqual([]);
    const counts = await rig.metrics('millrace_hook_duration_seconds_count');
    expect(counts).toContain(
      'millrace_hook_duration_seconds_count{incoming="tickets",outcome="hook.unauthorized"} 3',
    );
    expect(counts).toContain(
      'millrace_hook_duration_seconds_count{incoming="tickets",outcome="hook.method"} 5',
    );
    expect(counts).toContain('millrace_hook_duration_seconds_count{incoming="",outcome="hook.unknown"} 6');
    const warned = log.filter((line) => line.includes('a webhook was refused'));
    // One of a kind in ten seconds, and none for addresses that do not exist.
    expect(warned.filter((line) => line.includes('hook.unauthorized'))).toHaveLength(1);
    expect(warned.filter((line) => line.includes('hook.unknown'))).toHaveLength(0);
    expect(log.join('')).not.toContain('s3cret-key');
  });

  it('as soon as it has sent more than it may, whatever it announced', async () => {
    const rig = await HookRig.start();
    const { hostname, port } = new URL(rig.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.write(
      `POST /hooks/tickets HTTP/1.1\r\nhost: x\r\nx-key: s3cret-key\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nBB8\r\n${' '.repeat(3000)}\r\n`,
    );
    // It never ends its body; it is answered, and cut off.
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain('hook.too_large');
  });

  it('while too many tasks wait, and taken again when they are gone', async () => {
    const clock = new VirtualClock(Date.now());
    const rig = await HookRig.start(
      {
        ...TICKETS,
        'routes/to-file.yaml': `${TICKETS['routes/to-file.yaml']}tasks: { backpressure: 2 }\n`,
        // By the clock, so that nothing is delivered meanwhile.
        'outgoing/file.yaml': `publisher: { file: { path: out/tickets.ndjson } }\nschedule: { cron: "0 0 1 1 *" }\n`,
      },
      { clock },
    );
    await rig.post([ticket(1), ticket(2), ticket(3)]);
    await rig.pass(clock, 1000);
    const answer = await rig.post(ticket(4));
    expect([answer.status, answer.headers.get('retry-after'), answer.body]).toEqual([
      503,
      '5',
      { error: { code: 'hook.busy', message: 'More waits than may be taken' } },
    ]);
    await rig.process.work();
    await rig.pass(clock, 1000);
    expect((await rig.post(ticket(4))).status).toBe(200);
  });

  it('while the runner stops: what was begun is stored and answered, what comes is told to come again', async () => {
    const rig = await HookRig.start();
    const answers = [1, 2, 3].map((id) => rig.post(ticket(id)));
    const first = await Promise.race(answers);
    const lane = rig.service.lane('tickets');
    await lane?.stop();
    expect(await refused(rig.post(ticket(9)))).toEqual([503, 'hook.busy']);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    const stored = (await rig.process.tasks()).length;
    expect(first.status).toBe(200);
    expect(stored).toBe(statuses.filter((status) => status === 200).length);
  });

  it('no longer when the incoming is changed: a reload takes its new secret over', async () => {
    const rig = await HookRig.start();
    await rig.post(ticket(1));
    const changed = TICKETS['incoming/tickets.yaml']?.replace('s3cret-key', 'another-key') ?? '';
    await writeFile(`${rig.process.folder}/incoming/tickets.yaml`, changed);
    const reloaded = await rig.service.reload(await rig.process.project());
    expect(reloaded.restarted).toContain('hooks/tickets');
    expect((await rig.post(ticket(2))).status).toBe(401);
    expect((await rig.post(ticket(2), { 'x-key': 'another-key' })).status).toBe(200);
    // The books of the one before are closed.
    expect((await rig.runs()).map(({ status, counts }) => [status, counts.read])).toEqual([
      ['running', 1],
      ['finished', 1],
    ]);
  });
});
