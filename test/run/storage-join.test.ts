import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { command, haloEnv, run } from '../support/command.ts';
import { simulate } from '../support/simulator.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/storage-join', import.meta.url));

describe('the example of a join by storages', () => {
  it('fetches two lists into storages, assembles them, and sends only what changed', async () => {
    const project = join(await mkdtemp(join(tmpdir(), 'millrace-join-')), 'project');
    onTestFinished(() => rm(join(project, '..'), { recursive: true, force: true }));
    await cp(EXAMPLE, project, { recursive: true, filter: (path) => !/\.millrace|\/out$/.test(path) });
    const simulator = await simulate({ tickets: 5 });
    const env = haloEnv(simulator);
    const validated = await command(['validate', '--json', '--config', project], env);
    expect([validated.code, JSON.parse(validated.stdout).findings]).toEqual([0, []]);

    const fetched = await run(project, env, 'fetch-clients', 'fetch-users');
    expect(fetched.code).toBe(0);
    const users = simulator.records('Users').filter((user) => user['inactive'] !== true);
    const listed = await command(['storage', 'list', '--json', '--config', project]);
    expect(JSON.parse(listed.stdout).result.storages).toMatchObject([
      { name: 'clients', entries: simulator.records('Client').length },
      { name: 'users', entries: users.length },
    ]);

    const assembled = await run(project, env, 'assemble-contacts');
    expect(assembled.code).toBe(0);
    expect(assembled.json.result.runs[0]).toMatchObject({ read: users.length, passed: users.length });
    const contacts = async () =>
      (await readFile(join(project, 'out/contacts.ndjson'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    const clients = new Map(simulator.records('Client').map((client) => [client['id'], client]));
    const wanted = users.map((user) => {
      const client = clients.get(user['client_id']);
      return {
        id: user['id'],
        name: user['name'],
        email: user['emailaddress'],
        company: client?.['name'],
        reference: client?.['ref'],
        tier: client?.['is_vip'] ? 'gold' : 'standard',
      };
    });
    const byId = (a: { id: unknown }, b: { id: unknown }) => Number(a.id) - Number(b.id);
    expect((await contacts()).sort(byId)).toEqual(wanted.sort(byId));

    // Another name of one client: its contacts go out again, and no others.
    const id = Number(users[0]?.['client_id']);
    simulator.save('Client', { id, name: 'Renamed & Sons' });
    await run(project, env, 'fetch-clients', 'fetch-users');
    await run(project, env, 'assemble-contacts');
    const again = (await contacts()).slice(wanted.length);
    expect(again).toHaveLength(users.filter((user) => user['client_id'] === id).length);
    expect(again.every((contact) => contact.company === 'Renamed & Sons')).toBe(true);
  });
});
