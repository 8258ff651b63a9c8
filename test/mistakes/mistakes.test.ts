import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { loadProject } from '../../packages/runner/src/config/load.ts';
import type { Finding } from '../../packages/runner/src/config/project.ts';

interface Expected {
  readonly code: string;
  readonly line: number;
  readonly file?: string;
  readonly hint?: string;
}

interface Mistake {
  readonly does: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly finds: Expected | readonly Expected[];
  /** Why it is not among all mistakes at once: another one changes the same line, or makes its file unreadable. */
  readonly alone?: string;
}

const here = fileURLToPath(new URL('.', import.meta.url));
const project = join(here, 'project');
const mistakes = parse(await readFile(join(here, 'mistakes.yaml'), 'utf8')) as readonly Mistake[];

const ENV = {
  HALO_BASE_URI: 'https://acme.haloitsm.com',
  HALO_CLIENT_ID: 'id',
  HALO_CLIENT_SECRET: 'a-secret',
  ALERT_URL: 'https://alerts.example/hook',
};

/** A copy of the project, with mistakes in it. */
async function projectWith(wrong: readonly Mistake[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-mistakes-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(project, folder, { recursive: true });
  for (const { does, file, find, replace } of wrong) {
    const text = await readFile(join(folder, file), 'utf8');
    expect(text.split(find).length, `"${does}" must find its text once`).toBe(2);
    await writeFile(
      join(folder, file),
      text.replace(find, () => replace),
    );
  }
  return folder;
}

async function findingsOf(folder: string): Promise<readonly Finding[]> {
  return (await loadProject(folder, { environment: 'required', env: ENV, cwd: folder })).findings;
}

const expectedOf = ({ file, finds }: Mistake): readonly Required<Expected>[] =>
  (Array.isArray(finds) ? (finds as readonly Expected[]) : [finds as Expected]).map((one) => ({
    hint: '',
    file,
    ...one,
  }));

const place = ({ code, file, line }: { code: string; file?: string; line?: number }) =>
  `${file}:${line} ${code}`;

describe('a project of thirty files', () => {
  it('has no finding where it is right', async () => {
    expect(await findingsOf(project)).toEqual([]);
  });

  it('is validated in less than a second', async () => {
    await findingsOf(project);
    const before = process.cpuUsage();
    await findingsOf(project);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(1000);
  });
});

describe(`each of ${mistakes.length} mistakes is found, once, at its place: one that`, () => {
  beforeAll(() => expect(mistakes.length).toBeGreaterThanOrEqual(50));

  it.each(mistakes.map((mistake) => [mistake.does, mistake] as const))('%s', async (_, mistake) => {
    const findings = await findingsOf(await projectWith([mistake]));
    const expected = expectedOf(mistake);
    expect(findings.map(place).sort()).toEqual(expected.map(place).sort());
    for (const { hint, ...one } of expected) {
      const found = findings.find((finding) => place(finding) === place(one));
      expect(`${found?.message} → ${found?.hint}`).toContain(hint);
    }
  });
});

describe('all mistakes at once', () => {
  const together = mistakes.filter(({ alone }) => alone === undefined);

  it('are found in one call, each at its place, and nothing else is', async () => {
    expect(together.length).toBeGreaterThanOrEqual(50);
    const findings = await findingsOf(await projectWith(together));
    const expected = together.flatMap(expectedOf);
    expect(findings.map(place).sort()).toEqual(expected.map(place).sort());
  });
});
