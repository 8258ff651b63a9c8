import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { command, type RunJson, run } from './command.ts';

export const COOKBOOK = fileURLToPath(new URL('../../examples/cookbook', import.meta.url));

/** A recipe of the cookbook, copied to a folder of its own as a user would. */
export interface Recipe {
  readonly folder: string;
  /** `millrace run`; demands exit code 0 and no finding. */
  run(...args: readonly string[]): Promise<RunJson['result']>;
  /** `millrace run` that may end badly. */
  tryRun(...args: readonly string[]): ReturnType<typeof run>;
  /** The lines of a CSV or NDJSON file of it, without the heading. */
  lines(file: string): Promise<string[]>;
}

/** Copies a recipe, and demands that `validate` finds nothing in it and that its own tests pass. */
export async function recipe(name: string, env: Readonly<Record<string, string>>): Promise<Recipe> {
  const folder = join(await mkdtemp(join(tmpdir(), 'millrace-recipe-')), name);
  onTestFinished(() => rm(join(folder, '..'), { recursive: true, force: true }));
  await cp(join(COOKBOOK, name), folder, {
    recursive: true,
    filter: (path) => !/\.millrace|\/out$|\.test\.ts$/.test(path),
  });
  const [validated, tested] = await Promise.all(
    ['validate', 'test'].map(async (name) => {
      const { code, stdout } = await command([name, '--json', '--config', folder], env);
      return {
        code,
        ...(JSON.parse(stdout) as { findings: unknown; result: { passed: number; failed: number } }),
      };
    }),
  );
  expect([validated?.code, validated?.findings]).toEqual([0, []]);
  expect([tested?.code, tested?.findings]).toEqual([0, []]);
  expect(tested?.result.passed).toBeGreaterThan(0);
  const tryRun = (...args: readonly string[]) => run(folder, env, ...args);
  return {
    folder,
    tryRun,
    async run(...args) {
      const { code, json, stderr } = await tryRun(...args);
      expect([code, json.findings], stderr).toEqual([0, []]);
      return json.result;
    },
    async lines(file) {
      const [, ...lines] = (await readFile(join(folder, file), 'utf8')).trimEnd().split('\n');
      return lines;
    },
  };
}

/** How many tasks a run made, over all routes. */
export function created(result: RunJson['result']): number {
  const counts = result.runs.flatMap((one) => Object.values(one.tasks));
  return counts.reduce((sum, { created: tasks = 0 }) => sum + tasks, 0);
}
