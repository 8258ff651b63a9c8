import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../schedule/virtual-clock.ts';
import { HookRig, TICKETS } from './hook-rig.ts';

const ticket = (id: number, more: object = {}) => ({ id, summary: `ticket ${id}`, changed: 1, ...more });

describe('a webhook', () => {
  it('is answered when its records are tasks, made by the same chains and books as those that are read', async () => {
    const rig = await HookRig.start();
    const answer = await rig.post([
      ticket(1),
      ticket(2, { status: 'closed' }),
      ticket(3, { summary: 'bad' }),
    ]);
    expect([answer.status, answer.body]).toEqual([200, { received: 3 }]);
    expect(await rig.sent()).toEqual([{ id: 1, summary: 'TICKET 1' }, ticket(3, { summary: 'bad' })]);
    const [good, bad] = await rig.process.tasks();
    expect(good).toMatchObject({ route: 'to-file', type: 'ticket', identifier: '1', status: 'new' });
    expect(bad).toMatchObject({ status: 'failed', error: { code: 'entity.failed' } });
    expect(await rig.runs()).toMatchObject([
      {
        incoming: 'tickets',
        status: 'running',
        receiving: true,
        counts: { read: 3, dropped: 1, failed: 0, passed: 2, entities: 2 },
      },
    ]);
    await rig.post(ticket(4));
    const [run, ...others] = await rig.runs();
    expect(run?.counts.routes['to-file']).toMatchObject({ failed: 1, passed: 2, made: 2, created: 2 });
    expect(others).toEqual([]);
  });

  it('makes one delivery together with the feed that reads, whichever is first', async () => {
    const rig = await HookRig.start();
    await rig.post(ticket(1));
    await rig.process.fill('desk', { one: ticket(1), two: ticket(2) });
    await rig.process.run('tickets');
    await rig.post(ticket(2));
    await rig.post(ticket(1));
    expect((await rig.process.tasks()).map(({ identifier }) => identifier)).toEqual(['1', '2']);
    const books = (await rig.runs()).map(({ receiving, counts }) => ({
      receiving,
      ...counts.routes['to-file'],
    }));
    expect(books.find(({ receiving }) => !receiving)).toMatchObject({ made: 2, created: 1, unchanged: 1 });
    const received = books.filter(({ receiving }) => receiving);
    const sum = (name: 'made' | 'created' | 'unchanged') =>
      received.reduce((total, one) => total + (one[name] ?? 0), 0);
    expect([sum('made'), sum('created'), sum('unchanged')]).toEqual([3, 1, 2]);
  });

  it('that comes late does not bring back an older version, and neither does a read that began earlier', async () => {
    const rig = await HookRig.start();
    await rig.post(ticket(1, { changed: '2026-11-23T10:00:02', summary: 'new' }));
    await rig.post(ticket(1, { changed: '2026-11-23T10:00:01', summary: 'old' }));
    await rig.process.fill('desk', { one: ticket(1, { changed: '2026-11-23T09:00:00Z', summary: 'older' }) });
    await rig.process.run('tickets');
    expect(await rig.sent()).toEqual([{ id: 1, summary: 'NEW' }]);
    const counts = (await rig.runs()).map((run) => run.counts.routes['to-file']);
    expect(counts).toMatchObject([
      { made: 1, created: 0, unchanged: 1, outdated: 1 },
      { made: 2, created: 1, unchanged: 1, outdated: 1 },
    ]);
    await rig.post(ticket(1, { changed: '2026-11-23T10:00:03', summary: 'newest' }));
    await rig.post({ id: 1, summary: 'without a version' });
    expect(await rig.sent()).toHaveLength(3);
  });

  it('that is sent again is answered, and nothing is made of it', async () => {
    const clock = new VirtualClock(Date.now());
    const rig = await HookRig.start(TICKETS, { clock });
    const send = (summary: string) => rig.post(ticket(1, { summary }), { 'x-delivery': 'd-1' });
    expect((await send('a')).body).toEqual({ received: 1 });
    expect((await send('b')).body).toEqual({ received: 0, repeated: true });
    expect((await Promise.all([send('c'), send('d')])).map(({ status }) => status)).toEqual([200, 200]);
    expect(await rig.sent()).toHaveLength(1);
    await rig.pass(clock, 3_600_001);
    expect((await send('e')).body).toEqual({ received: 1 });
    expect(await rig.sent()).toHaveLength(2);
  });

  it('does not count as sent before when it could not be stored', async () => {
    const rig = await HookRig.start({
      ...TICKETS,
      'routes/to-file.yaml': 'incoming: tickets\noutgoing: file\nenabled: false\nwhileDisabled: drop\n',
      'incoming/tickets.yaml': `
receiver: { http.webhook: { authentication: none, delivery: { header: X-Delivery } } }
entity: { type: ticket, identifier: id }
`,
    });
    // Nobody would keep a record that fails here: the sender has to.
    const bad = await rig.post({ nothing: 1 }, { 'x-delivery': 'd-1' });
    expect([bad.status, bad.body]).toMatchObject([500, { error: { code: 'hook.failed' } }]);
    const good = await rig.post(ticket(1), { 'x-delivery': 'd-1' });
    expect(good.body).toEqual({ received: 1 });
  });

  it('keeps the order in which it came', async () => {
    const rig = await HookRig.start();
    const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
    for (const changed of numbers) await rig.post(ticket(1, { changed, summary: `v${changed}` }));
    expect(await rig.sent()).toEqual(numbers.map((n) => ({ id: 1, summary: `V${n}` })));
  });

  it('has books that end with the hour, and with the runner', async () => {
    const clock = new VirtualClock(Date.now());
    const rig = await HookRig.start(TICKETS, { clock });
    await rig.post(ticket(1));
    await rig.post(ticket(2));
    await rig.pass(clock, 3_600_000);
    await rig.post(ticket(3));
    expect((await rig.runs()).map(({ status, counts }) => [status, counts.read])).toEqual([
      ['running', 1],
      ['finished', 2],
    ]);
    await rig.stop();
    expect((await rig.runs()).map(({ status }) => status)).toEqual(['finished', 'finished']);
  });
});

describe('a webhook', () => {
  it('is stored although the process stood still for so long that its leases were given away', async () => {
    const clock = new VirtualClock(Date.now());
    const rig = await HookRig.start(TICKETS, { clock });
    await rig.post(ticket(1));
    clock.set(clock.now() + 60_000);
    const { store } = await rig.process.engine();
    // Another process looks what is free.
    await store.interruptedRuns();
    expect((await rig.post(ticket(2))).body).toEqual({ received: 1 });
    expect((await rig.runs()).map(({ status, counts }) => [status, counts.read])).toEqual([
      ['running', 1],
      ['finished', 1],
    ]);
  });
});

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
    const { writeFile } = await import('node:fs/promises');
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
