import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@millrace/core';
import { testRun } from '@millrace/core/testing';
import type { Simulator } from '@millrace/haloitsm-simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Turns } from '../../../packages/haloitsm/src/writing/turns.ts';
import { command, haloEnv, run } from '../../support/command.ts';
import {
  findingsOf,
  messagesOf,
  openHalo,
  publishAll,
  writerTo,
  written,
} from '../../support/halo-writing.ts';
import { HALO_PROJECT, makeProject } from '../../support/project.ts';
import { simulate } from '../../support/simulator.ts';

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const contents = (simulator: Simulator) =>
  simulator.records('Attachment').map((one) => sha(Buffer.from(String(one['data_base64']), 'base64')));
const UPLOAD = { method: 'post', entity: 'Attachment', file: { path: '&{file}' } };

async function folder(files: Readonly<Record<string, Buffer>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-files-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(directory, name), bytes);
  return directory;
}

describe('a file that a record names', () => {
  it.each([0, 1, 2, 3, 65_536, 1_000_003])('of %d bytes arrives as it is', async (size) => {
    const simulator = await simulate({ tickets: 1 });
    const bytes = randomBytes(size);
    const directory = await folder({ 'a "b".bin': bytes });
    const writer = writerTo(openHalo(simulator), UPLOAD, { directory });
    const [outcome] = await publishAll(writer, [{ file: 'a "b".bin', payload: { ticket_id: 1 } }]);
    expect(outcome).toMatchObject({
      status: 'delivered',
      exchange: {
        request: { body: [{ ticket_id: 1, data_base64: `(file a "b".bin, ${size} bytes)` }] },
      },
    });
    expect(simulator.records('Attachment')).toMatchObject([{ filename: 'a "b".bin', ticket_id: 1 }]);
    expect(contents(simulator)).toEqual([sha(bytes)]);
  });

  it('is sent again whole after a token that died, and after a limit', async () => {
    const simulator = await simulate({ tickets: 1 });
    const bytes = randomBytes(300_000);
    const writer = writerTo(openHalo(simulator), UPLOAD, { directory: await folder({ 'a.bin': bytes }) });
    simulator.failNext({ fault: 'expire', method: 'POST', path: 'Attachment' });
    simulator.failNext({ fault: '429', method: 'POST', path: 'Attachment' });
    const outcomes = await publishAll(writer, [{ file: 'a.bin', payload: { ticket_id: 1 } }]);
    expect(outcomes).toMatchObject([{ status: 'delivered' }]);
    expect(
      written(simulator, 'Attachment')
        .map(({ status }) => status)
        .sort(),
    ).toEqual([201, 401, 429]);
    expect(contents(simulator)).toEqual([sha(bytes)]);
  });

  it('takes no memory of its size while it is sent', async () => {
    const simulator = await simulate({ tickets: 1 });
    const directory = await folder({ 'large.bin': randomBytes(15_000_000) });
    const writer = writerTo(openHalo(simulator), UPLOAD, { directory });
    // The simulator, which keeps it, is in this process: what counts is what the body itself asks for at a time.
    const { fileBody } = await import('../../../packages/haloitsm/src/writing/file-body.ts');
    const pieces = {
      async *bytes() {
        for (let index = 0; index < 200; index++) yield Buffer.alloc(65_536, index);
      },
    };
    let [largest, total] = [0, 0];
    const body = fileBody({ a: 1 }, 'data', { name: 'x', size: 200 * 65_536, ...pieces }, true);
    for await (const chunk of body.stream.chunks()) {
      largest = Math.max(largest, chunk.length);
      total += chunk.length;
    }
    expect(total).toBe(body.stream.length);
    expect(largest).toBeLessThan(100_000);
    expect(await publishAll(writer, [{ file: 'large.bin', payload: { ticket_id: 1 } }])).toMatchObject([
      { status: 'delivered' },
    ]);
  });

  it('goes as a form where the operation takes one', async () => {
    const simulator = await simulate({ tickets: 1 });
    const bytes = randomBytes(10_000);
    const directory = await folder({ 'ä.png': bytes });
    const writer = writerTo(openHalo(simulator), { ...UPLOAD, entity: 'Attachment/image' }, { directory });
    expect(await publishAll(writer, [{ file: 'ä.png', payload: { ticket_id: 1 } }])).toMatchObject([
      {
        status: 'delivered',
        exchange: { request: { body: { ticket_id: 1, file: '(file ä.png, 10000 bytes)' } } },
      },
    ]);
    expect(simulator.records('Attachment')).toMatchObject([
      { filename: 'ä.png', ticket_id: 1, isimage: true },
    ]);
    expect(contents(simulator)).toEqual([sha(bytes)]);
  });

  it('is there once where the answer was lost, with a natural key', async () => {
    const simulator = await simulate({ tickets: 1 });
    const directory = await folder({ 'a.bin': randomBytes(1000) });
    const match = { query: { ticket_id: '&{payload.ticket_id}' }, on: 'filename', found: 'skip', lag: '0s' };
    const writer = writerTo(openHalo(simulator), { ...UPLOAD, match }, { directory });
    simulator.failNext({ fault: 'lost', method: 'POST' });
    const all = [{ file: 'a.bin', payload: { ticket_id: 1, filename: 'a.bin' } }];
    const [message] = messagesOf(all);
    expect(await publishAll(writer, all)).toMatchObject([{ status: 'unknown' }]);
    if (message) expect(await writer.verify?.(message, testRun())).toMatchObject({ status: 'delivered' });
    expect(await publishAll(writer, all)).toEqual([{ status: 'skipped' }]);
    expect(simulator.records('Attachment')).toHaveLength(1);
  });

  it('that is too large, not there, a folder or none is told, and nothing is sent', async () => {
    const simulator = await simulate({ tickets: 1 });
    const directory = await folder({ 'a.bin': Buffer.alloc(11) });
    const writer = writerTo(
      openHalo(simulator),
      { ...UPLOAD, file: { path: '&{file}', maxBytes: 10 } },
      { directory },
    );
    const outcomes = await publishAll(
      writer,
      ['a.bin', 'b.bin', '.', ''].map((file) => ({ file, payload: { ticket_id: 1 } })),
    );
    expect(outcomes).toMatchObject([
      {
        status: 'rejected',
        error: { code: 'file.too_large', message: '"a.bin" (11 bytes) is larger than 10 bytes' },
      },
      { status: 'failed', error: { code: 'file.unreadable', message: '"b.bin" cannot be read: ENOENT' } },
      { status: 'failed', error: { code: 'file.unreadable', message: '"." is no file' } },
      { status: 'rejected', error: { code: 'request.invalid' } },
    ]);
    expect(written(simulator)).toEqual([]);
  });

  it('never lies outside of the project', async () => {
    const simulator = await simulate({ tickets: 3 });
    const project = await makeProject({
      ...HALO_PROJECT,
      'routes/to-assets.yaml': `
incoming: tickets
outgoing: files
transformers:
  - map: { file: "&{lookup('files', id, 'none')}", payload: { ticket_id: "&{id}" } }
`,
      'lookups/files.csv': 'id,file\n1,/etc/passwd\n2,link.txt\n3,inside.txt\n',
      'inside.txt': 'inside',
      'outgoing/files.yaml': `
publisher: { haloitsm: { client: halo, method: post, entity: Attachment, file: { path: "&{file}" } } }
`,
    });
    await symlink('/etc/passwd', join(project, 'link.txt'));
    const { json } = await run(project, haloEnv(simulator));
    expect(json.result.tasks).toEqual({ 'to-assets': { failed: 2, finished: 1 } });
    expect(simulator.records('Attachment')).toMatchObject([{ filename: 'inside.txt', ticket_id: 3 }]);
  });
});

describe('attachments from one Halo to another', () => {
  it('are read as references, and what is in them goes from one to the other when it is sent', async () => {
    const simulator = await simulate({ tickets: 2, tenants: 2 });
    const [left, right] = simulator.tenants as [Simulator, Simulator];
    const bytes = randomBytes(70_000);
    left.save('Attachment', {
      filename: 'Übersicht.pdf',
      ticket_id: 1,
      action_id: 0,
      data_base64: bytes.toString('base64'),
    });
    const halo = (name: string) => `
haloitsm:
  baseUri: \${${name}_URI}
  tenant: \${${name}_TENANT}
  authentication: { clientCredentials: { clientId: "\${${name}_ID}", clientSecret: "\${${name}_SECRET}" } }
`;
    const project = await makeProject({
      'clients/left.yaml': halo('LEFT'),
      'clients/right.yaml': halo('RIGHT'),
      'incoming/files.yaml': `
subscriber: { haloitsm: { client: left, entity: Attachment, parameters: { query: { ticket_id: 1 } } } }
entity: { type: attachment, identifier: id }
`,
      'routes/files.yaml': `
incoming: files
outgoing: files
transformers:
  - map: { source: "&{id}", payload: { ticket_id: 2, filename: "&{filename}" } }
`,
      'outgoing/files.yaml': `
publisher:
  haloitsm: { client: right, method: post, entity: Attachment, file: { attachment: "&{source}", client: left } }
`,
    });
    const env = (name: string, { url, tenant, clientId, clientSecret }: Simulator) => ({
      [`${name}_URI`]: url,
      [`${name}_TENANT`]: tenant,
      [`${name}_ID`]: clientId,
      [`${name}_SECRET`]: clientSecret,
    });
    const { json } = await run(project, { ...env('LEFT', left), ...env('RIGHT', right) });
    expect(json.result.tasks).toEqual({ files: { finished: 1 } });
    expect(right.records('Attachment')).toMatchObject([{ filename: 'Übersicht.pdf', ticket_id: 2 }]);
    expect(contents(right)).toEqual([sha(bytes)]);
    const listed = await command(['tasks', 'list', '--json', '--config', project]);
    const [{ id }] = JSON.parse(listed.stdout).result.tasks;
    const { stdout } = await command(['tasks', 'show', id, '--json', '--config', project]);
    expect(stdout.length).toBeLessThan(5000);
    expect(stdout).toContain('"source"');
  });

  it('are told apart where the one that has the file fails from the one that is sent to', async () => {
    const simulator = await simulate({ tickets: 2, tenants: 2 });
    const [left, right] = simulator.tenants as [Simulator, Simulator];
    const id = left.save('Attachment', { filename: 'a.bin', ticket_id: 1, data_base64: 'AAAA' })[
      'id'
    ] as number;
    const options: JsonObject = { ...UPLOAD, file: { attachment: '&{id}', client: 'left', maxBytes: 2 } };
    const clients = { left: openHalo(left) };
    const small = writerTo(openHalo(right), options, { clients });
    expect(
      await publishAll(small, [
        { id, payload: { ticket_id: 2 } },
        { id: 999, payload: {} },
      ]),
    ).toMatchObject([
      { status: 'rejected', error: { code: 'file.too_large' } },
      { status: 'failed', error: { code: 'file.unreadable', message: 'There is no attachment 999' } },
    ]);
    left.failNext({ fault: '403', path: 'Attachment' });
    expect(await publishAll(small, [{ id, payload: {} }])).toMatchObject([
      { status: 'failed', error: { code: 'client.forbidden' } },
    ]);
    expect(written(right)).toEqual([]);
  });
});

it('files of another Halo are in memory two at a time, also where one fails', async () => {
  const turns = new Turns(2);
  let [now, most] = [0, 0];
  const done: number[] = [];
  const work = (index: number) => async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
    done.push(index);
    if (index % 3 === 0) throw new Error('no');
  };
  const all = await Promise.allSettled(Array.from({ length: 9 }, (_, index) => turns.take(work(index))));
  expect([most, now, done]).toEqual([2, 0, [0, 1, 2, 3, 4, 5, 6, 7, 8]]);
  expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(3);
});

it('a file is named in exactly one way, and goes with POST only', () => {
  const codes = (file: JsonObject, more = {}) =>
    findingsOf({ ...UPLOAD, file, ...more }).map(({ code, path }) => `${code} ${path?.join('.')}`);
  expect(codes({})).toEqual(['config.missing_option file']);
  expect(codes({ path: 'a', attachment: 1 })).toEqual(['config.invalid_value file']);
  expect(codes({ path: 'a' }, { method: 'delete', entity: 'Attachment/{id}' })).toEqual([
    'config.invalid_value file',
  ]);
});

describe('an attachment that is read by itself', () => {
  it('is a record that names the file, and not its content', async () => {
    const simulator = await simulate({ tickets: 1 });
    const directory = await folder({ 'plan ä.pdf': Buffer.from('the content of the file') });
    const writer = writerTo(openHalo(simulator), UPLOAD, { directory });
    await publishAll(writer, [{ file: 'plan ä.pdf', payload: { ticket_id: 1 } }]);
    const id = Number(simulator.records('Attachment').at(-1)?.['id']);
    const project = await makeProject({
      'clients/halo.yaml': HALO_PROJECT['clients/halo.yaml'] ?? '',
      'incoming/file.yaml': `subscriber: { haloitsm: { client: halo, entity: "Attachment/{id}", parameters: { path: { id: ${id} } } } }\nentity: { type: file, identifier: id }\n`,
      'routes/file.yaml': 'incoming: file\noutgoing: lines\n',
      'outgoing/lines.yaml': 'publisher: { file: { path: out.ndjson } }\n',
    });
    expect((await run(project, haloEnv(simulator))).code).toBe(0);
    const line = await readFile(join(project, 'out.ndjson'), 'utf8');
    expect(JSON.parse(line)).toMatchObject({ id, filename: 'plan ä.pdf' });
    expect(line).not.toContain('the content');
  });
});
