import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Files, InProcess } from './in-process.ts';

/** Records come out of one storage; what chains remember goes into others. */
const project = (files: Files): Files => ({
  'storages/source.yaml': '{}',
  'storages/memory.yaml': '{}',
  'storages/sent.yaml': '{}',
  'incoming/records.yaml': `
subscriber: { storage: { storage: source, keyAs: id, batchSize: 10 } }
entity: { type: record, identifier: id }
`,
  'routes/to-file.yaml': 'incoming: records\noutgoing: file\n',
  'outgoing/file.yaml': 'publisher: { file: { path: out/records.ndjson } }\n',
  ...files,
});

const states = async (engine: InProcess) =>
  (await engine.tasks()).map(({ route, identifier, status }) => `${route} ${identifier} ${status}`).sort();

describe('what an incoming writes', () => {
  it('stays of records that pass, are dropped or unchanged, and of none that fails', async () => {
    const engine = await InProcess.make(
      project({
        'incoming/records.yaml': `
subscriber: { storage: { storage: source, keyAs: id } }
entity: { type: record, identifier: id }
transformers:
  - storage.get: { storage: memory, key: last, to: before }
  - storage.set: { storage: memory, key: "seen-&{id}", value: "?{before}" }
  - storage.set: { storage: memory, key: last, value: "&{id}" }
  - filter: { "!=": [{ var: do }, drop] }
  - fail: { when: { "==": [{ var: do }, fail] }, message: "as told" }
`,
      }),
    );
    await engine.fill('source', { a: {}, b: { do: 'drop' }, c: { do: 'fail' }, d: {} });
    const [run] = await engine.run();
    expect(run?.counts).toMatchObject({ read: 4, dropped: 1, failed: 1, passed: 2 });
    // The one behind the failed one sees what came before that.
    const wanted = { last: 'd', 'seen-b': 'a', 'seen-d': 'b' };
    expect(await engine.stored('memory')).toEqual(wanted);
    expect(await states(engine)).toEqual([
      expect.stringMatching(/^to-file \?[0-9a-f]{16} failed$/),
      'to-file a finished',
      'to-file d finished',
    ]);
  });

  it('stays where only a route fails, whose own writes are forgotten', async () => {
    const engine = await InProcess.make(
      project({
        'incoming/records.yaml': `
subscriber: { storage: { storage: source, keyAs: id } }
entity: { type: record, identifier: id }
transformers:
  - storage.set: { storage: memory, key: "incoming-&{id}", value: 1 }
`,
        'routes/to-file.yaml': `
incoming: records
outgoing: file
transformers:
  - storage.set: { storage: memory, key: "route-&{id}", value: 1 }
  - fail: { when: { var: bad }, message: no }
  - filter: { "!": [{ var: dropped }] }
`,
      }),
    );
    await engine.fill('source', { a: {}, b: { bad: true }, c: { dropped: true } });
    await engine.run();
    expect(Object.keys(await engine.stored('memory'))).toEqual([
      'incoming-a',
      'incoming-b',
      'incoming-c',
      'route-a',
      'route-c',
    ]);
  });

  it('holds no more than the storage may', async () => {
    const engine = await InProcess.make(
      project({
        'storages/memory.yaml': 'maxEntries: 3\n',
        'routes/to-file.yaml': `
incoming: records
outgoing: file
transformers:
  - storage.set: { storage: memory, key: "&{id}", value: 1 }
`,
      }),
    );
    await engine.fill('source', Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`k${10 + n}`, {}])));
    await engine.run();
    expect(Object.keys(await engine.stored('memory'))).toEqual(['k32', 'k33', 'k34']);
  });
});

describe('changed', () => {
  const CHANGED = project({
    'incoming/records.yaml': `
subscriber: { storage: { storage: source, keyAs: id } }
entity: { type: record, identifier: id }
transformers:
  - changed: { storage: memory }
  - fail: { when: { var: bad }, message: no }
`,
    'routes/again.yaml': 'incoming: records\noutgoing: file\n',
    // One after the other, so that the second replay sees what the first one wrote.
    'outgoing/file.yaml': 'publisher: { file: { path: out/records.ndjson } }\nconcurrency: 1\n',
  });

  it('passes in an incoming what is new, by the identifier of its entity', async () => {
    const engine = await InProcess.make(CHANGED);
    await engine.fill('source', { a: { v: 1 }, b: { v: 1 } });
    expect((await engine.run())[0]?.counts).toMatchObject({ passed: 2, dropped: 0 });
    await engine.fill('source', { b: { v: 2 }, c: { v: 1 } });
    expect((await engine.run())[0]?.counts).toMatchObject({ passed: 2, dropped: 1 });
    expect(Object.keys(await engine.stored('memory'))).toEqual(['record/a', 'record/b', 'record/c']);
  });

  it('forgets what failed behind it, and lets it pass for every route when it is taken up again', async () => {
    const engine = await InProcess.make(CHANGED);
    await engine.fill('source', { a: { bad: true } });
    await engine.run();
    expect(await engine.stored('memory')).toEqual({});
    const failed = (await engine.tasks()).map((task) => task.id);
    expect(failed).toHaveLength(2);
    const { store } = await engine.engine();
    await store.commandTasks(failed, { kind: 'retry', data: { id: 'a', bad: false } });
    await engine.work();
    expect(await states(engine)).toEqual(['again a finished', 'to-file a finished']);
    expect(Object.keys(await engine.stored('memory'))).toEqual(['record/a']);
    // What was sent by command is no news when it is read.
    await engine.fill('source', { a: { bad: false } });
    expect((await engine.run())[0]?.counts).toMatchObject({ passed: 0, dropped: 1 });
  });

  it('in a route that branches knows each part by the entity of the route', async () => {
    const engine = await InProcess.make(
      project({
        'routes/to-file.yaml': `
incoming: records
outgoing: file
entity: { type: line, identifier: sku }
transformers:
  - branch: { at: lines.* }
  - changed: { storage: memory }
`,
      }),
    );
    await engine.fill('source', { a: { lines: [{ sku: 'x' }, { sku: 'y' }] } });
    await engine.run();
    expect(await states(engine)).toEqual(['to-file x finished', 'to-file y finished']);
    expect(Object.keys(await engine.stored('memory'))).toEqual(['line/x', 'line/y']);
  });
});

describe('what an outgoing writes', () => {
  it('stays with the delivery only', async () => {
    const engine = await InProcess.make(
      project({
        'outgoing/file.yaml': `
transformers:
  - storage.set: { storage: sent, key: "&{id}", value: "@{attempt}" }
  - filter: { "!": [{ var: skip }] }
  - fail: { when: { var: bad }, message: no }
publisher: { file: { path: out/records.ndjson } }
retry: { attempts: 2, initial: 1ms, max: 1ms }
`,
      }),
    );
    await engine.fill('source', { a: {}, b: { skip: true }, c: { bad: true } });
    await engine.run();
    expect(await states(engine)).toEqual(['to-file a finished', 'to-file b skipped', 'to-file c failed']);
    expect(await engine.stored('sent')).toEqual({ a: 1 });
  });

  it('is not there where the system could not be reached, and is when it could', async () => {
    const files = project({
      'outgoing/file.yaml': `
transformers:
  - storage.set: { storage: sent, key: "&{id}", value: "@{attempt}" }
publisher: { file: { path: out/records.ndjson } }
retry: { attempts: 1 }
`,
    });
    const engine = await InProcess.make(files);
    // A folder stands where the file is to be written.
    await mkdir(join(engine.folder, 'out/records.ndjson'), { recursive: true });
    await engine.fill('source', { a: {} });
    await engine.run();
    const [task] = await engine.tasks();
    expect(task?.status).not.toBe('finished');
    expect(await engine.stored('sent')).toEqual({});
    await engine.write({
      'outgoing/file.yaml': (files['outgoing/file.yaml'] ?? '').replace('records.ndjson', 'other.ndjson'),
    });
    const { store } = await engine.engine();
    await store.commandTasks([task?.id ?? ''], { kind: 'retry' });
    await engine.run();
    expect(await states(engine)).toEqual(['to-file a finished']);
    expect(await engine.stored('sent')).toEqual({ a: 2 });
  });
});

describe('a record that fails', () => {
  it('names file, line and step, in the depth and in every chain', async () => {
    const engine = await InProcess.make(
      project({
        'lookups/codes.yaml': 'a: 1\n',
        'routes/to-file.yaml': `
incoming: records
outgoing: file
transformers:
  - set: { ok: true }
  - if:
      when: true
      then:
        - set: { also: true }
        - lookup: { table: codes, key: "&{id}", to: code }
`,
        'routes/by-saved.yaml': `
incoming: records
outgoing: file
transformers:
  - use: { transformer: coded }
`,
        'transformers/coded.yaml': 'transformers:\n  - lookup: { table: codes, key: "&{id}", to: code }\n',
        'routes/to-other.yaml': 'incoming: records\noutgoing: other\n',
        'outgoing/other.yaml': `
transformers:
  - each:
      at: lines.*
      do:
        - storage.get: { storage: memory, key: "&{sku}", to: x }
publisher: { file: { path: out/other.ndjson } }
`,
      }),
    );
    await engine.fill('source', { b: { lines: [{ sku: 1 }, {}] } });
    await engine.run();
    const found = await Promise.all((await engine.tasks()).map(async ({ id }) => engine.task(id)));
    const errors = Object.fromEntries(
      found.map((task) => {
        const { code, file, line, path } = task?.error ?? {};
        return [task?.route, `${file}:${line} ${path} ${code}`];
      }),
    );
    expect(errors).toEqual({
      'to-file': 'routes/to-file.yaml:10 transformers[1].if.then[1].lookup lookup.missing',
      'by-saved': 'routes/by-saved.yaml:5 transformers[0].use.coded[0].lookup lookup.missing',
      'to-other': 'outgoing/other.yaml:6 transformers[0].each.do[0]."storage.get" storage.no_key',
    });
  });

  it('has the place of its identifier where that is missing', async () => {
    const engine = await InProcess.make(
      project({
        'incoming/records.yaml': `
subscriber: { storage: { storage: source } }
entity:
  type: record
  identifier: number
`,
      }),
    );
    await engine.fill('source', { a: {} });
    await engine.run();
    const [task] = await engine.tasks();
    expect((await engine.task(task?.id ?? ''))?.error).toMatchObject({
      code: 'entity.no_identifier',
      file: 'incoming/records.yaml',
      line: 5,
      path: 'entity.identifier',
    });
  });
});

describe('the subscriber storage', () => {
  it('reads entries in batches, with position, prefix and the name of the key', async () => {
    const incoming = (options: string) => `
subscriber: { storage: ${options} }
entity: { type: record, identifier: id }
`;
    const engine = await InProcess.make(
      project({
        'incoming/records.yaml': incoming('{ storage: source, keyAs: id, prefix: "a:", batchSize: 2 }'),
      }),
    );
    await engine.fill('source', {
      a: 0,
      'a:': { itself: true },
      'a:1': { id: 'own', x: 1 },
      'a:2': 5,
      'a:3': [1],
      'a:4': { y: null },
      b: { no: true },
    });
    const [run] = await engine.run();
    expect(run).toMatchObject({ status: 'finished', position: { after: 'a:4' }, counts: { read: 5 } });
    const tasks = await Promise.all((await engine.tasks()).map(({ id }) => engine.task(id)));
    expect(tasks.map((task) => task?.data)).toEqual([
      { itself: true, id: 'a:' },
      { id: 'a:1', x: 1 },
      { id: 'a:2', value: 5 },
      { id: 'a:3', value: [1] },
      { id: 'a:4', y: null },
    ]);
  });
});
