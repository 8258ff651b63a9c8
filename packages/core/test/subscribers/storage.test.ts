import { describe, expect, it } from 'vitest';
import type { Batch, ReadFrom, RunContext } from '../../src/contracts.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { storage } from '../../src/subscribers/storage.ts';
import { type TestRun, testDependencies, testRun } from '../../src/testing/index.ts';

const OPTIONS = { storage: 'users', keyAs: 'key', batchSize: 2 };

async function filled(entries: JsonObject): Promise<TestRun> {
  const run = testRun();
  for (const [key, value] of Object.entries(entries)) await run.storages.get('users').set(key, value);
  return run;
}

async function read(run: RunContext, options: object = {}, from: ReadFrom = {}): Promise<readonly Batch[]> {
  const dependencies = { ...testDependencies('incoming'), client: undefined as never };
  const batches: Batch[] = [];
  for await (const batch of storage.create({ ...OPTIONS, ...options }, dependencies).read(from, run)) {
    batches.push(batch);
  }
  return batches;
}

const keys = (batches: readonly Batch[]) =>
  batches.flatMap(({ entities }) => entities.map((one) => one['key']));

describe('the subscriber storage', () => {
  it('reads every entry once, in order, whatever the size of a batch', async () => {
    const run = await filled(Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`k${n}`, { n }])));
    for (const batchSize of [1, 2, 3, 7, 8]) {
      const batches = await read(run, { batchSize });
      expect(keys(batches)).toEqual(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6']);
      expect(batches.every(({ entities }) => entities.length > 0)).toBe(true);
    }
    expect(await read(await filled({}))).toEqual([]);
  });

  it('reads exactly the rest from every position', async () => {
    const run = await filled(Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`p:${n}`, n])));
    for (const options of [{}, { prefix: 'p:' }, { prefix: 'p:', batchSize: 5 }]) {
      const whole = await read(run, options);
      let done = 0;
      for (const { position, entities } of whole) {
        done += entities.length;
        const rest = await read(run, options, { position: JSON.parse(JSON.stringify(position)) as Json });
        expect(keys(rest)).toEqual(keys(whole).slice(done));
      }
    }
  });

  it('reads no more than what begins with the prefix, the prefix itself too', async () => {
    const run = await filled({ a: 1, 'a:': 2, 'a:1': 3, 'a:2': 4, 'a;': 5, b: 6 });
    expect(keys(await read(run, { prefix: 'a:' }))).toEqual(['a:', 'a:1', 'a:2']);
    expect(keys(await read(run, { prefix: 'a' }))).toEqual(['a', 'a:', 'a:1', 'a:2', 'a;']);
    expect(keys(await read(run, { prefix: 'c' }))).toEqual([]);
  });

  it('makes the record of an object, and wraps everything else', async () => {
    const run = await filled({ o: { key: 'own', id: 1 }, l: [1], n: null, t: 'x' });
    const records = async (options: object) => (await read(run, options)).flatMap(({ entities }) => entities);
    expect(await records({})).toEqual([
      { key: 'l', value: [1] },
      { key: 'n', value: null },
      { key: 'o', id: 1 },
      { key: 't', value: 'x' },
    ]);
    expect((await records({ keyAs: '_id' }))[2]).toEqual({ _id: 'o', key: 'own', id: 1 });
  });

  it('sees entries that are written while it reads, and ends when it is aborted', async () => {
    const run = await filled({ a: 1, b: 2, c: 3 });
    const dependencies = { ...testDependencies('incoming'), client: undefined as never };
    const reader = storage.create(OPTIONS, dependencies).read({}, run);
    await reader.next();
    await run.storages.get('users').set('d', 4);
    expect((await reader.next()).value).toMatchObject({ entities: [{ key: 'c' }, { key: 'd' }] });
    run.abort();
    await expect(reader.next()).rejects.toThrow('aborted');
  });
});
