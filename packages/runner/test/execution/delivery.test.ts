import { MillraceError, type Outcome } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../schedule/virtual-clock.ts';
import { DESK_PROJECT, openDesk } from './desk.ts';
import { type Files, InProcess } from './in-process.ts';

const MINUTE = 60_000;
const START = Date.parse('2027-03-01T10:00:00Z');
const broken: Outcome = {
  status: 'unknown',
  error: new MillraceError('client.interrupted', 'the connection broke'),
};

async function desk(files: Files = {}) {
  const clock = new VirtualClock(START);
  const system = openDesk();
  system.fill(1, 1);
  const process = await InProcess.make({ ...DESK_PROJECT, ...files }, { clock });
  const only = async () => {
    const [task] = await process.tasks();
    return (await process.task(task?.id ?? '')) ?? expect.fail('no task');
  };
  return { clock, system, process, only };
}

describe('an outcome that nobody knows', () => {
  it.each([
    ['delivered', 1, ['unknown', 'finished'], 'finished'],
    ['absent', 2, ['unknown', 'finished'], 'finished'],
    ['unknown', 1, ['unknown', 'unknown'], 'unknown'],
  ] as const)('is looked up before anything is sent again: %s', async (verdict, sent, history, status) => {
    const { clock, system, process, only } = await desk();
    system.verify = () => verdict;
    system.receive = ({ attempt }) => (attempt === 1 ? broken : { status: 'delivered' });
    await process.run();
    expect(await only()).toMatchObject({ status: 'unknown', dueAt: '2027-03-01T10:01:00.000Z' });
    expect(system.verified).toEqual([]);
    clock.set(START + MINUTE);
    await process.work();
    expect(system.verified).toHaveLength(1);
    expect(system.sent).toHaveLength(sent);
    const task = await only();
    expect([task.status, task.history.map(({ outcome }) => outcome)]).toEqual([status, history]);
  });

  it('stays unknown where looking it up fails, and is looked up again', async () => {
    const { clock, system, process, only } = await desk();
    let asked = 0;
    system.verify = () => {
      if (++asked === 1) throw new Error('no answer');
      return 'delivered';
    };
    system.receive = () => broken;
    await process.run();
    clock.set(START + MINUTE);
    await process.work();
    expect((await only()).status).toBe('unknown');
    clock.set(START + 2 * MINUTE);
    await process.work();
    expect([(await only()).status, system.sent.length]).toEqual(['finished', 1]);
  });

  it('waits for a person where the outgoing says hold, and holds back what follows', async () => {
    const { clock, system, process, only } = await desk({
      'outgoing/desk.yaml': 'publisher: { desk: {} }\nonUnknown: hold\n',
    });
    system.receive = () => broken;
    await process.run();
    system.fill(1, 1, { changed: true });
    clock.set(START + 60 * MINUTE);
    await process.run();
    expect((await process.tasks()).map((task) => [task.status, task.dueAt === null])).toEqual([
      ['unknown', true],
      ['new', false],
    ]);
    const { store } = await process.engine();
    system.receive = () => ({ status: 'delivered' });
    await store.commandTasks([(await only()).id], { kind: 'skip' });
    await process.work();
    expect((await process.tasks()).map(({ status }) => status)).toEqual(['skipped', 'finished']);
    expect(system.sent.map(({ data }) => data)).toEqual([{ id: 1 }, { id: 1, changed: true }]);
  });

  it('fails when its attempts are used up', async () => {
    const { clock, system, process, only } = await desk();
    system.receive = () => broken;
    for (let attempt = 0; attempt < 4; attempt++) {
      clock.set(START + attempt * MINUTE);
      await (attempt === 0 ? process.run() : process.work());
    }
    expect(system.sent).toHaveLength(3);
    expect(await only()).toMatchObject({ status: 'failed', error: { code: 'client.interrupted' } });
  });
});

describe('a delivery that failed for the moment', () => {
  it('waits by the pattern, or as long as the system asks where that is longer', async () => {
    const { clock, system, process, only } = await desk({
      'outgoing/desk.yaml': 'publisher: { desk: {} }\nretry: { attempts: 9, pattern: "1:5s;3:1m" }\n',
    });
    const asks = [0, 30_000, 0, 0];
    system.receive = ({ attempt }) => ({
      status: 'retry',
      error: new MillraceError('client.unavailable', 'busy', { retryAfter: asks[attempt - 1] ?? 0 }),
    });
    const waits: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      await (attempt === 0 ? process.run() : process.work());
      const due = Date.parse((await only()).dueAt ?? '');
      waits.push((due - clock.now()) / 1000);
      clock.set(due);
    }
    expect(waits).toEqual([5, 30, 60, 60]);
  });
});

describe('a delivery that the other side must confirm', () => {
  it('waits, holds back what follows, and fails when nobody confirms it in time', async () => {
    const { clock, system, process, only } = await desk({
      'outgoing/desk.yaml': 'publisher: { desk: {} }\nconfirmWithin: 10m\n',
    });
    system.receive = () => ({ status: 'waiting', response: { ticket: 7 } });
    await process.run();
    expect(await only()).toMatchObject({ status: 'waiting', response: { ticket: 7 } });
    const { store } = await process.engine();
    expect(await store.expireConfirmations(START + 9 * MINUTE)).toBe(0);
    clock.set(START + 10 * MINUTE);
    expect(await store.expireConfirmations(clock.now())).toBe(1);
    expect(await only()).toMatchObject({ status: 'failed', error: { code: 'task.unconfirmed' } });
  });
});

describe('the history of a route', () => {
  const exchange = {
    request: { method: 'POST', url: 'http://desk/', body: { id: 1 } },
    response: { status: 201 },
  };

  it('keeps the record as it was read, request and answer where something failed', async () => {
    const { system, process } = await desk();
    system.fill(2, 2);
    const error = new MillraceError('client.refused', 'no');
    system.receive = ({ entity }) =>
      entity.id === '1' ? { status: 'delivered', exchange } : { status: 'failed', error, exchange };
    await process.run();
    const { store } = await process.engine();
    await store.sweep({ now: START, runsBefore: 0 });
    const [delivered, failed] = await Promise.all((await process.tasks()).map(({ id }) => process.task(id)));
    expect([delivered?.raw, delivered?.history[0]?.exchange]).toEqual([undefined, undefined]);
    expect(failed).toMatchObject({ raw: { id: 2 }, history: [{ exchange }] });
  });

  it('always keeps them where it says so', async () => {
    const { system, process, only } = await desk({
      'routes/to-desk.yaml':
        'incoming: records\noutgoing: desk\nhistory: { raw: always, exchange: always }\ntransformers: [{ map: { n: "&{id}" } }]\n',
    });
    system.receive = () => ({ status: 'delivered', exchange });
    await process.run();
    const { store } = await process.engine();
    await store.sweep({ now: START, runsBefore: 0 });
    expect(await only()).toMatchObject({ data: { n: 1 }, raw: { id: 1 }, history: [{ exchange }] });
  });
});

describe('back-pressure', () => {
  it('pauses reading while a route holds more tasks than it may, and goes on when they are delivered', async () => {
    const system = openDesk();
    system.fill(40, 4);
    const process = await InProcess.make({
      ...DESK_PROJECT,
      'routes/to-desk.yaml': 'incoming: records\noutgoing: desk\ntasks: { backpressure: 10 }\n',
      'outgoing/desk.yaml': 'publisher: { desk: {} }\nconcurrency: 2\n',
    });
    const gate = Promise.withResolvers<void>();
    system.receive = async () => {
      await gate.promise;
      return { status: 'delivered' };
    };
    const running = process.runHolding();
    // Two are in flight, ten may wait: the fourth page is one too many.
    while (system.asked < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(system.asked).toBe(4);
    expect((await process.tasks()).filter(({ status }) => status === 'new')).toHaveLength(14);
    gate.resolve();
    const [run] = await running;
    expect(run).toMatchObject({ status: 'finished', counts: { read: 40 } });
    expect(new Set(system.ids).size).toBe(40);
  });

  it('does not hold an incoming for ever for a route that nobody works', async () => {
    const system = openDesk();
    system.fill(30, 5);
    const process = await InProcess.make({
      ...DESK_PROJECT,
      'routes/to-desk.yaml': 'incoming: records\noutgoing: desk\ntasks: { backpressure: 10 }\n',
      'outgoing/desk.yaml': 'publisher: { desk: {} }\nenabled: false\n',
    });
    const [run] = await process.runHolding();
    expect(run).toMatchObject({ status: 'finished', counts: { read: 30 } });
    expect(system.sent).toEqual([]);
  });
});

describe('what a publisher wants remembered', () => {
  const remember = (key: string) => [{ storage: 'links', key, value: { there: key } }];
  const files = {
    'storages/links.yaml': '{}\n',
    'outgoing/desk.yaml':
      'publisher: { desk: {} }\nbatch: { size: 5 }\nretry: { attempts: 2, initial: 1m, max: 1m, jitter: none }\n',
  };

  it('stays with the delivery of the message that it belongs to, and of no other one of the call', async () => {
    const { system, process } = await desk(files);
    system.fill(4, 4);
    system.receive = ({ entity: { id } }) => {
      if (id === '2') return { status: 'rejected', error: new MillraceError('entity.rejected', 'no') };
      if (id === '3') return { status: 'skipped', remember: remember(id) };
      return { status: 'delivered', remember: remember(id) };
    };
    await process.run();
    expect(await process.stored('links')).toEqual({ 1: { there: '1' }, 4: { there: '4' } });
    system.receive = () => ({ status: 'delivered', remember: [{ storage: 'links', key: '4' }] });
    system.pages = [[{ id: 4, changed: true }]];
    await process.run();
    expect(await process.stored('links')).toEqual({ 1: { there: '1' } });
  });

  it('stays with what it finds delivered, too', async () => {
    const { clock, system, process, only } = await desk(files);
    system.receive = () => broken;
    system.verify = () => ({ status: 'delivered', response: { id: 9 }, remember: remember('1') });
    await process.run();
    expect(await process.stored('links')).toEqual({});
    clock.set(START + MINUTE);
    await process.work();
    expect([(await only()).status, system.sent.length]).toEqual(['finished', 1]);
    expect(await process.stored('links')).toEqual({ 1: { there: '1' } });
  });
});
