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
