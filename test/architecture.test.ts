import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const packages = fileURLToPath(new URL('../packages', import.meta.url));

interface Import {
  readonly from: string;
  readonly to: string;
}

async function sources(): Promise<string[]> {
  const entries = await readdir(packages, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(packages, join(entry.parentPath, entry.name)))
    .filter((path) => /^[^/]+\/src\//.test(path));
}

/** Every import statement of the packages' sources: relative ones as paths, the others as they stand. */
async function imports(): Promise<Import[]> {
  const files = await sources();
  const all = await Promise.all(
    files.map(async (from) => {
      const text = await readFile(join(packages, from), 'utf8');
      const named = [
        ...text.matchAll(/^(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)';/gm),
        ...text.matchAll(/\bimport\('([^']+)'\)/g),
      ];
      return named.map((match) => {
        const name = match[1] ?? '';
        return {
          from,
          to: name.startsWith('.') ? relative(packages, resolve(packages, dirname(from), name)) : name,
        };
      });
    }),
  );
  return all.flat();
}

/** The folders of the runner, lowest first: each may know only itself and what stands before it. */
const RUNNER_LAYERS = ['config', 'store', 'schedule', 'compile', 'execution', '', 'service', 'cli'];
/**
 * What only the runner may use: the file system, the process, injection, other systems' libraries. Not `node:module`:
 * it loads libraries that are rarely needed when they are.
 */
const OUTSIDE_CORE = /^(?:node:(?!(?:crypto|module)$)|tsyringe|reflect-metadata|pino|commander|got$)/;

describe('the imports of the packages', () => {
  it('are found at all', async () => {
    const all = await imports();
    expect(all.length).toBeGreaterThan(300);
    expect(all).toContainEqual({ from: 'haloitsm/src/client.ts', to: '@millrace/core' });
  });

  it('point downwards: nothing imports the runner, plugins import core only, core imports nothing of ours', async () => {
    const allowed: Readonly<Record<string, RegExp>> = {
      core: /^$/,
      haloitsm: /^@millrace\/core(\/http)?$/,
      file: /^@millrace\/core(\/http)?$/,
      'haloitsm-simulator': /^@millrace\/haloitsm\/catalogue$/,
      runner: /^@millrace\/core(\/http)?$/,
    };
    const wrong = (await imports()).filter(({ from, to }) => {
      const name = from.split('/')[0] ?? '';
      if (to.startsWith('@millrace/')) return !allowed[name]?.test(to);
      return /^[a-z-]+\/src\//.test(to) && to.split('/')[0] !== name;
    });
    expect(wrong).toEqual([]);
  });

  it('keep core pure: no files, no process, no injection; got in http only, vitest in testing only', async () => {
    const core = (await imports()).filter(({ from }) => from.startsWith('core/src/'));
    const pure = core.filter(({ from }) => !/^core\/src\/(http|testing)\//.test(from));
    expect(
      pure.filter(
        ({ to }) => OUTSIDE_CORE.test(to) || to === 'vitest' || /^core\/src\/(http|testing)\//.test(to),
      ),
    ).toEqual([]);
    expect(core.filter(({ from, to }) => to === 'got' && !from.startsWith('core/src/http/'))).toEqual([]);
  });

  it('keep the layers of the runner apart', async () => {
    const layer = (path: string) => RUNNER_LAYERS.indexOf(/^runner\/src\/([^/]+)\//.exec(path)?.[1] ?? '');
    const runner = (await imports()).filter(
      ({ from, to }) => from.startsWith('runner/src/') && to.startsWith('runner/src/'),
    );
    // Injection is the exception that makes the rule possible: tokens name what the root puts together.
    const upwards = runner.filter(
      ({ from, to }) => !/\/(tokens|container)\.ts$/.test(to) && layer(to) > layer(from),
    );
    expect(upwards).toEqual([]);
    expect(runner.length).toBeGreaterThan(80);
  });

  it('make no circle', async () => {
    const graph = new Map<string, string[]>();
    for (const { from, to } of await imports()) {
      if (/\/(tokens|container)\.ts$/.test(to)) continue;
      graph.set(from, [...(graph.get(from) ?? []), to]);
    }
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (node: string, way: readonly string[]): void => {
      if (way.includes(node)) return void circles.push([...way.slice(way.indexOf(node)), node].join(' → '));
      if (done.has(node)) return;
      for (const next of graph.get(node) ?? []) visit(next, [...way, node]);
      done.add(node);
    };
    for (const node of graph.keys()) visit(node, []);
    expect(circles).toEqual([]);
  });

  it('use the table of codes whole: every error code is raised or declared somewhere', async () => {
    const texts = await Promise.all(
      (await sources())
        .filter((path) => !path.endsWith('error-codes.ts'))
        .map((path) => readFile(join(packages, path), 'utf8')),
    );
    const all = texts.join('\n');
    const table = await readFile(join(packages, 'core/src/error-codes.ts'), 'utf8');
    const codes = [...table.matchAll(/^ {2}'([a-z_.]+)':/gm)].map((match) => match[1] ?? '');
    expect(codes.length).toBeGreaterThan(40);
    expect(codes.filter((code) => !all.includes(`'${code}'`))).toEqual([]);
  });
});
