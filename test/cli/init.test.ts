import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { command } from '../support/command.ts';

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'millrace-init-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

async function json(...args: readonly string[]) {
  const { code, stdout } = await command([...args, '--json']);
  return { code, ...JSON.parse(stdout) };
}

describe('millrace init', () => {
  it('writes a project that validates without findings, whose tests reach everything, and that runs', async () => {
    const project = join(await folder(), 'mine');
    const made = await json('init', project);
    expect(made).toMatchObject({ code: 0, ok: true, result: { directory: project } });
    expect(made.result.files).toEqual(
      expect.arrayContaining(['.env.example', '.gitignore', 'incoming/devices.test.yaml', 'schema.json']),
    );
    expect(await json('validate', '--config', project)).toMatchObject({ code: 0, findings: [] });
    const { code, result } = await json('test', '--config', project);
    expect([code, result.failed, result.passed > 3]).toEqual([0, 0, true]);
    const { steps, stepsReached, branches, branchesReached } = result.coverage;
    expect([stepsReached, branchesReached]).toEqual([steps, branches]);
    expect(await json('run', '--config', project)).toMatchObject({ code: 0 });
    expect((await readFile(join(project, 'out/devices.ndjson'), 'utf8')).trim().split('\n')).toHaveLength(3);
  });

  it('is found by commands that are given from inside it', async () => {
    const project = join(await folder(), 'mine');
    await json('init', project);
    const { code, stdout } = await command(['validate', '--json'], {}, project);
    expect([code, JSON.parse(stdout).findings]).toEqual([0, []]);
    const outside = await command(['validate', '--json'], {}, join(project, 'data'));
    expect(JSON.parse(outside.stdout).findings).toMatchObject([{ code: 'config.unreadable' }]);
  });

  it('overwrites nothing: where one file is there, none is written', async () => {
    const project = await folder();
    await mkdir(join(project, 'routes'));
    await writeFile(join(project, 'routes/devices-to-list.yaml'), 'mine');
    expect(await json('init', project)).toMatchObject({ code: 2, findings: [{ code: 'call.file_exists' }] });
    expect(await readdir(project, { recursive: true })).toEqual(['routes', 'routes/devices-to-list.yaml']);
    expect(await readFile(join(project, 'routes/devices-to-list.yaml'), 'utf8')).toBe('mine');
  });
});

describe('millrace new plugin', () => {
  it('writes a plugin that is loaded, known to editors, and named throughout', async () => {
    const project = await folder();
    await json('init', project);
    expect(await json('new', 'plugin', 'acme-crm', '--config', project)).toMatchObject({
      code: 0,
      result: { name: 'acme-crm' },
    });
    const { result } = await json('plugins', 'acme-crm', '--config', project);
    expect(
      result.plugins[0].components.map(({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`),
    ).toEqual(['client acme-crm', 'subscriber acme-crm', 'publisher acme-crm']);
    for (const file of ['acme-crm.ts', 'acme-crm.test.ts'])
      expect(await readFile(join(project, 'plugins', file), 'utf8')).not.toMatch(/starter/i);
    expect(await readFile(join(project, 'schema.json'), 'utf8')).toContain('Every item of the account');
    expect(await json('new', 'plugin', 'acme-crm', '--config', project)).toMatchObject({ code: 2 });
  });
});
