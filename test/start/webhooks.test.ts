import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { command, run, startCommand } from '../support/command.ts';
import { eventually, freePort } from '../support/http.ts';
import { makeProject } from '../support/project.ts';

const DIE = fileURLToPath(new URL('die-before-answer.mjs', import.meta.url));

const PROJECT = {
  'millrace.yaml': 'http: { port: "${PORT}" }\n',
  'incoming/things.yaml': `
receiver: { http.webhook: { authentication: { header: { name: X-Key, value: "\${KEY}" } } } }
entity: { type: thing, identifier: id }
`,
  'routes/to-file.yaml': 'incoming: things\noutgoing: lines\n',
  'outgoing/lines.yaml': 'publisher: { file: { path: out/things.ndjson } }\n',
};

async function start(project: string, env: Record<string, string>) {
  const running = startCommand(['start', '--config', project], env);
  let log = '';
  running.process.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  await eventually(
    () => log,
    (text) => text.includes('"started"'),
  );
  return running;
}

async function lines(project: string): Promise<unknown[]> {
  const text = await readFile(join(project, 'out/things.ndjson'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

describe('millrace start with a receiver', () => {
  it('that is killed between storing and answering loses nothing, and makes nothing twice when it is sent again', async () => {
    const port = await freePort();
    const project = await makeProject(PROJECT);
    const env = { PORT: String(port), KEY: 'the-key' };
    const send = (id: number) =>
      fetch(`http://127.0.0.1:${port}/hooks/things`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-key': 'the-key' },
        body: JSON.stringify({ id }),
      }).then(
        async (response) => [response.status, await response.json()],
        () => 'no answer',
      );
    const dying = await start(project, {
      ...env,
      NODE_OPTIONS: `--import ${DIE}`,
      DIED: join(project, 'died'),
    });
    expect(await send(1)).toBe('no answer');
    expect((await dying.done).signal).toBe('SIGKILL');

    const again = await start(project, env);
    expect(await send(1)).toEqual([200, { received: 1 }]);
    expect(await send(2)).toEqual([200, { received: 1 }]);
    await eventually(
      () => lines(project),
      (found) => found.length >= 2,
    );
    again.process.kill('SIGTERM');
    expect((await again.done).code).toBe(0);
    expect(await lines(project)).toEqual([{ id: 1 }, { id: 2 }]);
    const { stdout } = await command(['runs', 'list', '--json', '--config', project]);
    expect(JSON.parse(stdout).result.runs).toMatchObject([
      { status: 'finished', receiving: true, read: 2, tasks: { 'to-file': { created: 1, unchanged: 1 } } },
      { status: 'finished', receiving: true, read: 1, tasks: { 'to-file': { created: 1, unchanged: 0 } } },
    ]);

    const worked = await run(project, env);
    expect([worked.code, worked.json.result.runs, worked.json.result.tasks]).toEqual([
      0,
      [],
      { 'to-file': { finished: 2 } },
    ]);
  });
});
