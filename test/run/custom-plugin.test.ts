import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DeskServer } from '../../examples/custom-plugin/desk-server.ts';
import { command, run } from '../support/command.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/custom-plugin', import.meta.url));

describe('the example of a plugin', () => {
  it('validates, lists itself, and moves records by the command', async () => {
    const project = join(await mkdtemp(join(tmpdir(), 'millrace-example-')), 'project');
    onTestFinished(() => rm(join(project, '..'), { recursive: true, force: true }));
    // As a user has it: a folder somewhere, with no packages around it.
    await cp(EXAMPLE, project, {
      recursive: true,
      filter: (path) => !/node_modules|\.millrace|\.test\.ts$/.test(path),
    });
    const tickets = [1, 2, 3].map((id) => ({ id, subject: `Ticket ${id}` }));
    const { server, url, token } = await DeskServer.start(tickets);
    onTestFinished(() => server.close());
    const env = { DESK_URL: url, DESK_TOKEN: token };
    const validated = await command(['validate', '--online', '--json', '--config', project], env);
    expect([validated.code, JSON.parse(validated.stdout).findings]).toEqual([0, []]);
    const plugins = JSON.parse(
      (await command(['plugins', 'desk', '--json', '--config', project], env)).stdout,
    );
    expect(
      plugins.result.plugins[0].components.map(
        (one: { kind: string; name: string }) => `${one.kind} ${one.name}`,
      ),
    ).toEqual(['client desk', 'subscriber desk', 'publisher desk']);
    const { code, json } = await run(project, env);
    expect(code).toBe(0);
    expect(json.result.runs[0]).toMatchObject({ status: 'finished', announced: 3, read: 3 });
    const lines = (await readFile(join(project, 'out/tickets.ndjson'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(tickets);
  });
});
