// Writes every file that is made from the code: editor schemas and reference pages.
//   node scripts/generate.ts           writes them
//   node scripts/generate.ts --check   fails where one is not what the code says
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { componentNames, ERROR_CODES, FUNCTIONS, type Plugin, type Registry } from '@millrace/core';
import { editorForm } from '../packages/runner/src/cli/schema.ts';
import { loadProject } from '../packages/runner/src/config/load.ts';
import { componentSection } from './reference/component-section.ts';
import { transformerPages } from './reference/transformer-pages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

function pluginPage(plugin: Plugin): string {
  const sections = componentNames(plugin).map(([name, component]) => componentSection(name, component));
  return [`# Plugin ${plugin.name}`, '', 'Made from the code by `npm run generate`.', '', ...sections].join(
    '\n',
  );
}

/** Those that come with the engine: no plugin has them. */
function subscribersPage(registry: Registry): string {
  const plugins = new Set(registry.plugins.flatMap((plugin) => componentNames(plugin).map(([, one]) => one)));
  const sections = registry.names('subscriber').flatMap((name) => {
    const component = registry.component('subscriber', name);
    return component && !plugins.has(component) ? [componentSection(name, component)] : [];
  });
  return ['# Built-in subscribers', '', 'Made from the code by `npm run generate`.', '', ...sections].join(
    '\n',
  );
}

function errorsPage(): string {
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { summary, exit, retry }]) => `| \`${code}\` | ${summary} | ${exit} | ${retry ? 'yes' : ''} |`,
  );
  const head = [
    '# Error codes',
    '',
    'Made from the code by `npm run generate`.',
    '',
    '| code | what it means | exit code | tried again |',
    '|---|---|---|---|',
  ];
  return [...head, ...rows, ''].join('\n');
}

function functionsPage(): string {
  const sections = Object.entries(FUNCTIONS).map(
    ([name, { description, parameters, required, examples }]) => {
      const shown = parameters
        .map((parameter, index) => (index < required ? parameter : `${parameter}?`))
        .join(', ');
      const lines = examples.map(
        ([args, result]) =>
          `- \`${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})\` is \`${JSON.stringify(result)}\``,
      );
      return [`## ${name}(${shown})`, '', description, '', ...lines, ''].join('\n');
    },
  );
  const intro =
    'In JMESPath `&{upper(name)}`, in JSON Logic `{ "upper": [{ "var": "name" }] }`. Made from the code by `npm run generate`.';
  return ['# Functions', '', intro, '', ...sections].join('\n');
}

async function files(): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  for (const project of ['configs', 'examples/custom-plugin', 'examples/rest-api', 'examples/storage-join']) {
    const { schema, registry } = await loadProject(`${root}${project}`, {
      environment: 'lenient',
      env: {},
      cwd: root,
    });
    made.set(`${project}/schema.json`, `${JSON.stringify(editorForm(schema), null, 2)}\n`);
    if (project !== 'configs') continue;
    for (const plugin of registry.plugins)
      made.set(`docs/reference/plugin-${plugin.name}.md`, pluginPage(plugin));
    made.set('docs/reference/subscribers.md', subscribersPage(registry));
    for (const [name, text] of transformerPages(registry)) made.set(`docs/reference/${name}`, text);
  }
  made.set('docs/reference/errors.md', errorsPage());
  made.set('docs/reference/functions.md', functionsPage());
  return made;
}

const check = process.argv.includes('--check');
let stale = 0;
for (const [name, text] of await files()) {
  const before = await readFile(`${root}${name}`, 'utf8').catch(() => undefined);
  if (before === text) continue;
  stale++;
  process.stdout.write(`${check ? 'stale' : 'wrote'} ${name}\n`);
  if (check) continue;
  await mkdir(dirname(`${root}${name}`), { recursive: true });
  await writeFile(`${root}${name}`, text);
}
if (check && stale > 0) {
  process.stdout.write('Run npm run generate, look at what changed, and commit it.\n');
  process.exitCode = 1;
}
