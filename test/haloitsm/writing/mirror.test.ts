import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRegistry } from '@millrace/core';
import { transformerSuite } from '@millrace/core/testing';
import haloitsm from '@millrace/haloitsm';
import type { JsonObject, Simulator } from '@millrace/haloitsm-simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { command, run, startCommand } from '../../support/command.ts';
import { written } from '../../support/halo-writing.ts';
import { eventually } from '../../support/http.ts';
import { simulate } from '../../support/simulator.ts';
import { testFolder } from '../../support/tests.ts';

const EXAMPLE = fileURLToPath(new URL('../../../examples/ticket-mirror', import.meta.url));

/** Two desks, and the example between them. */
async function mirror(tickets = 3) {
  const simulator = await simulate({ tickets, tenants: 2 });
  const [left, right] = simulator.tenants as [Simulator, Simulator];
  const project = join(await mkdtemp(join(tmpdir(), 'millrace-mirror-')), 'project');
  onTestFinished(() => rm(join(project, '..'), { recursive: true, force: true }));
  await cp(EXAMPLE, project, { recursive: true, filter: (path) => !/\.millrace/.test(path) });
  const env = Object.fromEntries(
    Object.entries({ LEFT: left, RIGHT: right }).flatMap(([name, one]) => [
      [`${name}_BASE_URI`, one.url],
      [`${name}_TENANT`, one.tenant],
      [`${name}_CLIENT_ID`, one.clientId],
      [`${name}_CLIENT_SECRET`, one.clientSecret],
    ]),
  );
  const go = async (...ids: readonly string[]) => {
    const result = await run(project, env, ...ids);
    expect([result.code, result.json.findings]).toEqual([0, []]);
    return result.json.result;
  };
  /** Both directions, one after the other. */
  const cycle = async () => [await go('left-tickets'), await go('right-tickets')];
  const writes = () => written(left, 'Tickets').length + written(right, 'Tickets').length;
  const ticket = (desk: Simulator, wanted: (one: JsonObject) => boolean): JsonObject => {
    const found = desk.records('Tickets').filter(wanted);
    if (found.length !== 1 || !found[0]) throw new Error(`${found.length} tickets`);
    return found[0];
  };
  return { left, right, project, env, go, cycle, writes, ticket };
}

const madeOf = (mark: string) => (one: JsonObject) => one['supplier_reference'] === mark;
const numbered = (id: number) => (one: JsonObject) => one['id'] === id;

describe('haloitsm.echo', () => {
  transformerSuite({
    component: createRegistry([haloitsm]).transformer('haloitsm.echo') as never,
    options: { storage: 'links', side: 'left', fields: ['a'] },
    cases: [{ given: { id: 1, a: 2 }, expect: [{ id: 1, a: 2, link: { ids: {}, changed: ['a'] } }] }],
    failures: [{ given: { a: 1 }, code: 'storage.no_key' }],
  });
});

describe('the example of a mirror between two desks', () => {
  it('is valid, and does what its tests say', async () => {
    const { project, env } = await mirror(0);
    const validated = await command(['validate', '--json', '--config', project], env);
    expect([validated.code, JSON.parse(validated.stdout).findings]).toEqual([0, []]);
    const { results, failures } = await testFolder(EXAMPLE);
    expect([results.length, failures]).toEqual([4, {}]);
  });

  it('brings every ticket to the other desk once, and reads none of them back as news in ten cycles', async () => {
    const { left, right, cycle, writes } = await mirror();
    await cycle();
    expect([left, right].map((desk) => desk.records('Tickets').length)).toEqual([6, 6]);
    expect(writes()).toBe(6);
    for (let round = 0; round < 10; round++) await cycle();
    expect(writes()).toBe(6);
    expect([left, right].map((desk) => desk.records('Tickets').length)).toEqual([6, 6]);
  });

  it('carries what people change on either side, each change with one write', async () => {
    const { left, right, cycle, writes, ticket } = await mirror();
    await cycle();
    const before = writes();
    left.save('Tickets', { id: 1, summary: 'Changed by a person on the left' });
    right.save('Tickets', { id: Number(ticket(right, madeOf('left:2'))['id']), status_id: 2 });
    // Born on the right, changed on the left, and the other way round.
    left.save('Tickets', { id: Number(ticket(left, madeOf('right:3'))['id']), priority_id: 1 });
    right.save('Tickets', { id: 3, category_1: 'Software' });
    for (let round = 0; round < 3; round++) await cycle();
    expect(ticket(right, madeOf('left:1'))).toMatchObject({ summary: 'Changed by a person on the left' });
    expect(ticket(left, numbered(2))).toMatchObject({ status_id: 2 });
    expect(ticket(right, numbered(3))).toMatchObject({ priority_id: 1 });
    expect(ticket(left, madeOf('right:3'))).toMatchObject({ category_1: 'Software' });
    expect(writes()).toBe(before + 4);
  });

  it('keeps what a person changed between our write and the next read', async () => {
    const { left, right, cycle, go, ticket } = await mirror();
    await cycle();
    const id = Number(ticket(right, madeOf('left:1'))['id']);
    left.save('Tickets', { id: 1, summary: 'Ours' });
    await go('left-tickets');
    right.save('Tickets', { id, status_id: 3 });
    await cycle();
    expect(ticket(left, numbered(1))).toMatchObject({ summary: 'Ours', status_id: 3 });
    // And what was changed just before our write, which went out unread.
    right.save('Tickets', { id, status_id: 4 });
    left.save('Tickets', { id: 1, summary: 'Ours again' });
    await cycle();
    await cycle();
    expect(ticket(left, numbered(1))).toMatchObject({ summary: 'Ours again', status_id: 4 });
    expect(ticket(right, numbered(id))).toMatchObject({ summary: 'Ours again', status_id: 4 });
  });

  it('carries a change back to what it was before', async () => {
    const { left, right, cycle, ticket } = await mirror();
    await cycle();
    const id = Number(ticket(right, madeOf('left:1'))['id']);
    const { status_id: first = 1 } = ticket(right, numbered(id));
    for (const status of [2, first]) {
      right.save('Tickets', { id, status_id: status });
      await cycle();
      expect(ticket(left, numbered(1))).toMatchObject({ status_id: status });
    }
  });

  it('lets the owner of a field win where both sides changed it', async () => {
    const { left, right, cycle, ticket } = await mirror();
    await cycle();
    const id = Number(ticket(right, madeOf('left:1'))['id']);
    left.save('Tickets', { id: 1, summary: 'By the owner', status_id: 3 });
    right.save('Tickets', { id, summary: 'By the other', status_id: 2 });
    await cycle();
    await cycle();
    const both = { summary: 'By the owner', status_id: 2 };
    expect(ticket(left, numbered(1))).toMatchObject(both);
    expect(ticket(right, numbered(id))).toMatchObject(both);
  });

  it('makes no ticket twice where answers are lost, and links what it finds', async () => {
    const { left, right, cycle, ticket, project, env } = await mirror();
    for (const desk of [left, right]) desk.failNext({ fault: 'lost', method: 'POST', times: 2 });
    await cycle();
    await cycle();
    expect([left, right].map((desk) => desk.records('Tickets').length)).toEqual([6, 6]);
    const shown = await command(
      ['storage', 'get', 'ticket-links', 'left:1', '--json', '--config', project],
      env,
    );
    expect(JSON.parse(shown.stdout).result).toMatchObject({
      value: { ids: { right: String(ticket(right, madeOf('left:1'))['id']) } },
    });
  });

  it('makes no ticket twice where its process is killed after the POST and before the answer', async () => {
    const { left, right, go, project, env, ticket } = await mirror(1);
    right.failNext({ fault: 'hang', method: 'POST', path: 'Tickets', afterwards: true });
    const { process, done } = startCommand(['run', 'left-tickets', '--config', project], env);
    await eventually(
      () => right.records('Tickets').length,
      (count) => count === 2,
    );
    process.kill('SIGKILL');
    await done;
    await go('left-tickets');
    await go('right-tickets');
    await go('left-tickets');
    expect([left, right].map((desk) => desk.records('Tickets').length)).toEqual([2, 2]);
    const shown = await command(
      ['storage', 'get', 'ticket-links', 'left:1', '--json', '--config', project],
      env,
    );
    expect(JSON.parse(shown.stdout).result.value.ids).toEqual({
      right: String(ticket(right, madeOf('left:1'))['id']),
    });
  });

  it('knows a ticket that the mirror made before it is linked', async () => {
    const { left, right, go, ticket } = await mirror(1);
    // As after a crash between the POST and the store.
    right.save('Tickets', { summary: 'Mirrored', status_id: 1, supplier_reference: 'left:1' });
    await go('right-tickets');
    await go('left-tickets');
    expect([left, right].map((desk) => desk.records('Tickets').length)).toEqual([2, 2]);
    const { summary = '' } = ticket(left, numbered(1));
    expect(ticket(right, madeOf('left:1'))).toMatchObject({ summary });
  });

  it('comes to rest with both directions at once', async () => {
    const { left, right, go, writes } = await mirror();
    for (let round = 0; round < 4; round++) await go();
    const before = writes();
    for (let round = 0; round < 3; round++) await go();
    expect(writes()).toBe(before);
    expect([left, right].map((desk) => desk.records('Tickets').length)).toEqual([6, 6]);
  });
});
