// Writes every file that is made from the code: editor schemas and reference pages.
//   node scripts/generate.ts           writes them
//   node scripts/generate.ts --check   fails where one is not what the code says
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  componentNames,
  ERROR_CODES,
  EXPRESSION_FUNCTIONS,
  type ExpressionFunction,
  FUNCTION_TOPICS,
  type LanguageFunction,
  type Plugin,
  type Registry,
} from '@millrace/core';
import { faultsTable, quirksTable } from '@millrace/haloitsm-simulator';
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

const json = (value: unknown) => `\`${JSON.stringify(value)}\``;

function called(name: string, parameters: readonly string[], required: number, variadic = false): string {
  const shown = parameters.map((parameter, index) => (index < required ? parameter : `${parameter}?`));
  return `${name}(${[...shown, ...(variadic ? ['…'] : [])].join(', ')})`;
}

function functionSection(name: string, definition: LanguageFunction): string {
  const { description, parameters, required, variadic, jmespath, jsonLogic, examples } = definition;
  const whose = [
    ...(jmespath
      ? ['In JMESPath it is of the language: null is no exception there, and nothing is converted.']
      : []),
    ...(jsonLogic ? [`In JSON Logic it is of the language: ${lowerFirst(jsonLogic.description)}`] : []),
  ];
  const lines = [
    ...examples.map(
      ([args, result]) =>
        `- \`${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})\` is ${json(result)}`,
    ),
    ...(jsonLogic?.examples ?? []).map(
      ([rule, data, result]) => `- JSON Logic: ${json(rule)} on ${json(data)} is ${json(result)}`,
    ),
  ];
  const head = `### ${called(name, parameters, required, variadic)}`;
  const note = whose.length > 0 ? [`_${whose.join(' ')}_`, ''] : [];
  return [head, '', description, '', ...note, ...lines, ...(lines.length > 0 ? [''] : [])].join('\n');
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

function expressionSection(name: string, definition: ExpressionFunction): string {
  const { description, parameters, jmespath, examples } = definition;
  const shown = parameters.map((parameter) => (parameter === 'expression' ? '&expression' : parameter));
  const lines = examples.map(
    ([expression, data, result]) => `- \`${expression}\` on ${json(data)} is ${json(result)}`,
  );
  const whose = jmespath ? '_Of JMESPath itself._' : '_Ours._';
  return [`### ${name}(${shown.join(', ')})`, '', description, '', whose, '', ...lines, ''].join('\n');
}

function functionsPage(): string {
  const topics = Object.entries(FUNCTION_TOPICS).flatMap(([topic, functions]) => [
    `## ${topic}`,
    '',
    ...Object.entries(functions).map(([name, definition]) => functionSection(name, definition)),
  ]);
  const intro = [
    'One table for both languages: in JMESPath `&{upper(name)}`, in JSON Logic `{ "upper": [{ "var": "name" }] }`. Examples show',
    'arguments as JSON; in JMESPath a text stands in single quotes, other values in back-ticks. Made from the code by',
    '`npm run generate`.',
    '',
    '- A function is ours in both languages unless it says that it is of the language: a name that JMESPath or JSON Logic',
    '  defines keeps that meaning there.',
    '- Ours answer null where the first argument is null, unless their description says otherwise.',
    '- Names, numbers of arguments, and arguments that stand in the file (patterns, zones, units, tables) are checked by',
    '  `millrace validate`.',
    '- A function that fails fails the record: `value.failed`, with the reason.',
    '- In the examples it is 2026-11-23T09:00:00Z, and the table `priorities` says `high` for 1 and `low` for 2.',
    '- No function makes a text of more than 10,000,000 characters or a list of more than 1,000,000 members.',
    '',
  ];
  const taking = [
    '## Functions that take an expression',
    '',
    'In JMESPath only: a rule of JSON Logic is no value. JSON Logic has `map`, `filter`, `reduce`, `all`, `some` and `none` of its own.',
    '',
    ...Object.entries(EXPRESSION_FUNCTIONS).map(([name, definition]) => expressionSection(name, definition)),
  ];
  return ['# Functions', '', ...intro, ...topics, ...taking].join('\n');
}

const SIMULATOR_README = 'packages/haloitsm-simulator/README.md';

/** The README of the simulator, with the tables of its quirks and faults. */
async function simulatorReadme(): Promise<string> {
  let text = await readFile(`${root}${SIMULATOR_README}`, 'utf8');
  for (const [name, table] of Object.entries({ quirks: quirksTable(), faults: faultsTable() })) {
    const between = new RegExp(`(<!-- ${name}: [^\\n]*-->\\n\\n).*?(\\n\\n<!-- /${name} -->)`, 's');
    if (!between.test(text)) throw new Error(`${SIMULATOR_README} has no place for the table of ${name}`);
    text = text.replace(between, (_, before: string, behind: string) => `${before}${table}${behind}`);
  }
  return text;
}

const PROJECTS = [
  'configs',
  'examples/custom-plugin',
  'examples/rest-api',
  'examples/storage-join',
  'examples/ticket-mirror',
  // One for all recipes: this one knows every component that any of them uses.
  'examples/cookbook/warehouse',
];

function schemaOf(project: string): string {
  return `${project.replace(/^(examples\/cookbook)\/.*/, '$1')}/schema.json`;
}

async function files(): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  for (const project of PROJECTS) {
    const { schema, registry } = await loadProject(`${root}${project}`, {
      environment: 'lenient',
      env: {},
      cwd: root,
    });
    made.set(schemaOf(project), `${JSON.stringify(editorForm(schema), null, 2)}\n`);
    if (project !== 'configs') continue;
    for (const plugin of registry.plugins)
      made.set(`docs/reference/plugin-${plugin.name}.md`, pluginPage(plugin));
    made.set('docs/reference/subscribers.md', subscribersPage(registry));
    for (const [name, text] of transformerPages(registry)) made.set(`docs/reference/${name}`, text);
  }
  made.set(SIMULATOR_README, await simulatorReadme());
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
