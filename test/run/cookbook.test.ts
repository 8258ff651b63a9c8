import { readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { JsonObject, Simulator } from '@millrace/haloitsm-simulator';
import { describe, expect, it } from 'vitest';
import { haloEnv } from '../support/command.ts';
import { receiver } from '../support/http.ts';
import { COOKBOOK, created, recipe } from '../support/recipe.ts';
import { simulate } from '../support/simulator.ts';

/** What was posted or deleted at a desk. */
const writes = (simulator: Simulator) =>
  simulator.journal().filter(({ method, path }) => method !== 'GET' && !/token/i.test(path)).length;

const haloDate = (time: number) => new Date(time).toISOString().slice(0, 19);

describe('the cookbook', () => {
  it('has a page, a README of a screen, and a test for each recipe', async () => {
    const recipes = (await readdir(COOKBOOK, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const page = await readFile(join(COOKBOOK, '../../docs/cookbook.md'), 'utf8');
    const test = await readFile(new URL(import.meta.url), 'utf8');
    const names = recipes.map(({ name }) => name).filter((name) => name !== 'node_modules');
    for (const name of names) {
      const readme = await readFile(join(COOKBOOK, name, 'README.md'), 'utf8');
      expect(readme.trimEnd().split('\n').length, name).toBeLessThanOrEqual(25);
      expect(page).toContain(`](../examples/cookbook/${name})`);
      expect(test).toContain(`recipe('${name}'`);
    }
  });

  it('warehouse: every ticket is a row, and what changes is updated in its place', async () => {
    const simulator = await simulate({ tickets: 30 });
    const file = join(tmpdir(), `millrace-warehouse-${process.pid}.db`);
    const { run } = await recipe('warehouse', { ...haloEnv(simulator), WAREHOUSE_FILE: file });
    await run();
    const database = new DatabaseSync(file);
    const rows = () => database.prepare('SELECT * FROM tickets ORDER BY id').all();
    const wanted = () =>
      simulator.records('Tickets').map((ticket) => ({
        id: ticket['id'],
        summary: ticket['summary'],
        type: ticket['tickettype_name'],
        status: ticket['status_name'],
        priority_id: ticket['priority_id'],
        client_id: ticket['client_id'],
        client: ticket['client_name'],
        team: ticket['team'],
        opened_at: ticket['dateoccurred'],
        closed_at: ticket['dateclosed'] ?? null,
        changed_at: ticket['last_update'],
      }));
    expect(rows().map((row) => ({ ...row }))).toEqual(wanted());
    expect(created(await run())).toBe(0);
    simulator.save('Tickets', { id: 3, summary: 'It\'s "back"; DROP TABLE tickets' });
    expect(created(await run())).toBe(1);
    expect(rows().map((row) => ({ ...row }))).toEqual(wanted());
    database.close();
  });

  it('chat: what is said in tickets is said once, and nothing that is old or internal', async () => {
    const simulator = await simulate({ tickets: 5 });
    const chat = await receiver();
    const { run } = await recipe('chat', { ...haloEnv(simulator), CHAT_URL: `${chat.url}/hook` });
    await run();
    expect(chat.received).toEqual([]);
    const say = (note_html: string, more: JsonObject = {}) =>
      simulator.save('Actions', { ticket_id: 2, outcome: 'Call', who: 'Ann Berg', note_html, ...more });
    const now = haloDate(Date.now());
    say('<p>It is <b>fixed</b></p>', { datetime: now, hiddenfromuser: false });
    say('<p>He shouted</p>', { datetime: now, hiddenfromuser: true });
    await run();
    const summary = simulator.records('Tickets').find(({ id }) => id === 2)?.['summary'];
    expect(chat.received).toEqual([
      {
        method: 'POST',
        url: '/hook',
        body: JSON.stringify({ text: `*#2 ${summary}*\nAnn Berg: It is **fixed**` }),
      },
    ]);
    await run();
    expect(chat.received).toHaveLength(1);
  });

  it('delete-by-list: what the list names goes, once, and what is no id is refused', async () => {
    const simulator = await simulate({ tickets: 10 });
    const { folder, run, tryRun } = await recipe('delete-by-list', haloEnv(simulator));
    const list = (lines: string) => writeFile(join(folder, 'in/tickets.csv'), `id,reason\n${lines}`);
    // 99 is not there, and so as good as deleted.
    await list('3,Spam\n5,Made twice\n99,Spam\n');
    await run();
    const deleted = () => simulator.records('Tickets').filter((ticket) => ticket['deleted'] === true);
    expect(deleted().map(({ id }) => id)).toEqual([3, 5]);
    expect(
      simulator.journal({ method: 'DELETE' }).map(({ path, query }) => [path, query['reason']]),
    ).toContainEqual(['/api/Tickets/5', 'Made twice']);
    await run();
    expect(writes(simulator)).toBe(3);
    await list('4,Spam\n../Users/1,Spam\n,Spam\n');
    const { code, json } = await tryRun();
    expect([code, json.result.tasks['delete-tickets']]).toMatchObject([3, { rejected: 1, failed: 1 }]);
    expect(deleted().map(({ id }) => id)).toEqual([3, 4, 5]);
    expect(writes(simulator)).toBe(4);
  });

  it('reconcile: says what is missing on either side and what differs, once a day', async () => {
    const simulator = await simulate({ tickets: 1 });
    const { folder, run, lines } = await recipe('reconcile', haloEnv(simulator));
    const assets = simulator.records('Asset');
    const [first, second, third] = assets as [JsonObject, JsonObject, JsonObject];
    const line = (asset: JsonObject, site = asset['site_name']) =>
      `${asset['inventory_number']},${asset['key_field']},${site}\n`;
    const same = assets
      .slice(2)
      .map((asset) => line(asset))
      .join('');
    await writeFile(
      join(folder, 'lookups/cmdb.csv'),
      `number,serial,site\n${line(second, 'Atlantis')}PC-99998,4C4C,Delft\n${same}`,
    );
    const both = async () => [await run('halo-assets'), await run('cmdb')];
    await both();
    const report = `differences-${new Date().toISOString().slice(0, 10)}.csv`;
    const found = async () =>
      (await lines(`out/${report}`)).map((one) => one.split(',').slice(1, 3).join(' ')).sort();
    const wanted = [
      `${first['inventory_number']} not in the CMDB`,
      `${second['inventory_number']} different`,
      'PC-99998 not in Halo',
    ];
    expect(await found()).toEqual(wanted);
    // Again on the same day: only what is new.
    expect((await both()).map(created)).toEqual([0, 0]);
    simulator.save('Asset', { id: third['id'] ?? 0, key_field: 'OTHER' });
    expect((await both()).map(created)).toEqual([1, 0]);
    expect(await found()).toContain(`${third['inventory_number']} different`);
  });

  it('sla-report: counts the tickets of each team and month, and says so again only where they changed', async () => {
    const simulator = await simulate({ tickets: 5 });
    const { run, lines } = await recipe('sla-report', haloEnv(simulator));
    const start = new Date();
    const month = (ago: number) => Date.UTC(start.getUTCFullYear(), start.getUTCMonth() - ago, 10, 8);
    const hour = 3_600_000;
    const closed = (team: [number, string], opened: number, hours: number) =>
      simulator.save('Tickets', {
        summary: 'Closed',
        status_id: 9,
        team_id: team[0],
        team: team[1],
        dateoccurred: haloDate(opened),
        dateclosed: haloDate(opened + hours * hour),
        fixbydate: haloDate(opened + 4 * hour),
      });
    const [one, two]: [number, string][] = [
      [1, '1st Line'],
      [2, '2nd Line'],
    ] as never;
    if (!one || !two) throw new Error('no teams');
    for (const hours of [1, 2, 9]) closed(one, month(1), hours);
    closed(two, month(1), 3);
    closed(one, month(2), 8);
    closed(one, month(5), 1); // too long ago
    const name = (ago: number) => haloDate(month(ago)).slice(0, 7);
    await run();
    const wanted = [
      `${name(1)},1st Line,3,2,1,66.7,4`,
      `${name(1)},2nd Line,1,1,0,100,3`,
      `${name(2)},1st Line,1,0,1,0,8`,
    ];
    expect((await lines('out/sla.csv')).sort()).toEqual(wanted.sort());
    expect(created(await run())).toBe(0);
    closed(two, month(1), 5);
    expect(created(await run())).toBe(1);
    expect((await lines('out/sla.csv')).at(-1)).toBe(`${name(1)},2nd Line,2,1,1,50,4`);
  });

  it('assets: lines create and update by the inventory number, also after a lost answer', async () => {
    const simulator = await simulate({ tickets: 1 });
    const { folder, run } = await recipe('assets', haloEnv(simulator));
    const there = simulator.records('Asset').at(-1) as JsonObject;
    const list = (...lines: string[]) =>
      writeFile(join(folder, 'in/assets.csv'), ['number;serial;type;client;notes', ...lines, ''].join('\n'));
    const old = `${there['inventory_number']};NEW-SERIAL;Phone;3;moved`;
    await list('LT-1;A;Laptop;12;first', old);
    const before = simulator.records('Asset').length;
    simulator.failNext({ fault: '500', method: 'POST', path: 'Asset', afterwards: true });
    await run('--wait', '60s');
    const numbered = (number: unknown) =>
      simulator.records('Asset').filter((one) => one['inventory_number'] === number);
    expect(numbered('LT-1')).toMatchObject([
      { key_field: 'A', assettype_id: 1, client_id: 12, notes: 'first' },
    ]);
    expect(numbered(there['inventory_number'])).toMatchObject([
      { id: there['id'], key_field: 'NEW-SERIAL', assettype_id: 2, client_id: 3 },
    ]);
    expect(simulator.records('Asset')).toHaveLength(before + 1);
    const sent = writes(simulator);
    expect(created(await run())).toBe(0);
    await list('LT-1;A;Laptop;12;second', old);
    expect(created(await run())).toBe(1);
    expect(numbered('LT-1')).toMatchObject([{ notes: 'second' }]);
    expect(writes(simulator)).toBe(sent + 1);
  });

  it('users: who comes is created, who changes updated, who leaves switched off, who comes back on', async () => {
    const simulator = await simulate({ tickets: 1 });
    const here = simulator.records('Users').filter(({ site_id, inactive }) => site_id === 2 && !inactive);
    const [stays, leaves, returns] = here as [JsonObject, JsonObject, JsonObject];
    simulator.save('Users', { id: returns['id'] ?? 0, inactive: true });
    const { folder, run, tryRun } = await recipe('users', { ...haloEnv(simulator), SITE_ID: '2' });
    const line = (user: JsonObject) =>
      `${user['emailaddress']},${user['firstname']},${user['surname']},Boss,true`;
    const directory = (people: readonly JsonObject[], last = 'end-of-export,,,,') => {
      const lines = [
        'email,first,last,title,enabled',
        ...people.map(line),
        'eve@new.example,Eve,Ek,,true',
        last,
        '',
      ];
      return writeFile(join(folder, 'lookups/directory.csv'), lines.join('\n'));
    };
    const both = async () => [await run('directory'), await run('halo-users')];
    const user = (id: unknown) => simulator.records('Users').find((one) => one['id'] === id);
    const count = simulator.records('Users').length;
    // An export that broke off: nobody is switched off.
    await directory([stays], 'zoe@new.exam');
    expect(await tryRun('halo-users')).toMatchObject({ code: 2 });
    await directory([stays], 'zoe@new.example,Zoe,Zorn,,true');
    expect((await tryRun('halo-users')).json.findings[0]).toMatchObject({
      message: expect.stringContaining('every record is dropped'),
    });
    expect(user(leaves['id'])).toMatchObject({ inactive: false });
    const whole = here.filter((one) => one !== leaves);
    await directory(whole);
    await both();
    expect(user(leaves['id'])).toMatchObject({ inactive: true });
    expect(user(returns['id'])).toMatchObject({ inactive: false, title: 'Boss' });
    expect(user(stays['id'])).toMatchObject({ inactive: false, title: 'Boss', name: stays['name'] });
    expect(simulator.records('Users')).toHaveLength(count + 1);
    expect(simulator.records('Users').at(-1)).toMatchObject({ name: 'Eve Ek', site_id: 2 });
    const sent = writes(simulator);
    expect((await both()).map(created)).toEqual([0, 0]);
    expect(writes(simulator)).toBe(sent);
    // Back, and gone again.
    for (const [people, inactive] of [
      [here, false],
      [whole, true],
    ] as const) {
      await directory(people);
      await both();
      expect(user(leaves['id'])).toMatchObject({ inactive });
    }
  });

  it('attachments: a file goes to the ticket with our number, byte for byte and once', async () => {
    const [ours, theirs] = (await simulate({ tickets: 3, tenants: 2 })).tenants as [Simulator, Simulator];
    const partner = Object.entries(haloEnv(theirs)).map(([name, value]) => [
      name.replace('HALO', 'PARTNER'),
      value,
    ]);
    const { run } = await recipe('attachments', { ...haloEnv(ours), ...Object.fromEntries(partner) });
    theirs.save('Tickets', { id: 3, supplier_reference: '2' });
    const file = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 251)).toString('base64');
    const attach = (ticket_id: number, filename: string) =>
      ours.save('Attachment', { ticket_id, action_id: 1, filename, data_base64: file });
    attach(2, 'screen.png');
    attach(1, 'nobody wants it.png');
    await run();
    const arrived = () =>
      theirs
        .records('Attachment')
        .map((one) => [one['ticket_id'], one['filename'], one['data_base64'] === file]);
    expect(arrived()).toEqual([[3, 'screen.png', true]]);
    expect(created(await run())).toBe(0);
    attach(2, 'log.txt');
    ours.save('Actions', { ticket_id: 2, outcome: 'Call', note: 'one more file' });
    expect(created(await run())).toBe(1);
    expect(arrived()).toEqual([
      [3, 'screen.png', true],
      [3, 'log.txt', true],
    ]);
  });

  it('custom-fields: are read as they are called, written back, and not written twice', async () => {
    const simulator = await simulate({ tickets: 4 });
    const { folder, run, lines } = await recipe('custom-fields', haloEnv(simulator));
    const field = (ticket: number, name: string) =>
      (simulator.records('Tickets')[ticket - 1]?.['customfields'] as JsonObject[] | undefined)?.find(
        (one) => one['name'] === name,
      )?.['value'];
    await run('tickets');
    const wanted = [1, 2, 3, 4].map(
      (id) => `${id},${field(id, 'CFcostCentre')},${field(id, 'CFfloor') ?? ''}`,
    );
    expect((await lines('out/costs.csv')).sort()).toEqual(wanted);
    const floor = field(3, 'CFfloor');
    await writeFile(join(folder, 'in/cost-centres.csv'), 'ticket,centre,floor\n2,CC-99,12\n3,CC-98,\n');
    await run('corrections');
    expect([2, 3].map((id) => [field(id, 'CFcostCentre'), field(id, 'CFfloor')])).toEqual([
      ['CC-99', 12],
      ['CC-98', floor],
    ]);
    await run('tickets');
    expect((await lines('out/costs.csv')).slice(4).sort()).toEqual(['2,CC-99,12', `3,CC-98,${floor}`]);
    const sent = writes(simulator);
    expect([created(await run('corrections')), created(await run('tickets'))]).toEqual([0, 0]);
    expect(writes(simulator)).toBe(sent);
  });
});
