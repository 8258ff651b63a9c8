import type { Component, Registry, TransformerExample } from '@millrace/core';
import { stringify } from 'yaml';
import { optionLines } from './component-section.ts';

const MADE = 'Made from the code by `npm run generate`.';
const EXECUTED = `${MADE} The examples are executed in the tests.`;

const yaml = (value: unknown) => stringify(value, { lineWidth: 110 }).trimEnd();
const block = (text: string) => ['```yaml', text, '```', ''];

/** What is around an example: files of the project, and what its storages hold. */
function surroundings(example: TransformerExample): string[] {
  const { tables = {}, transformers = {}, files = {}, storages = {}, http = [] } = example;
  const parts = [
    ...Object.entries(tables).map(([id, table]) => `# lookups/${id}.yaml\n${yaml(table)}`),
    ...Object.entries(transformers).map(([id, saved]) => `# transformers/${id}.yaml\n${yaml(saved)}`),
    ...Object.entries(files).map(([path, text]) => `# ${path}\n${text}`),
    ...Object.entries(storages).map(([id, entries]) => `# the storage ${id} holds\n${yaml(entries)}`),
    ...http.map((exchange) => `# the client answers\n${yaml(exchange)}`),
  ];
  return parts.flatMap(block);
}

function example(name: string, shown: TransformerExample): string[] {
  const { title, options, given, made, error, stored } = shown;
  const after = { given, ...(error === undefined ? { made } : { error }), ...(stored && { stored }) };
  return [
    ...(title === undefined ? [] : [`### ${title}`, '']),
    ...surroundings(shown),
    ...block(yaml([{ [name]: options }])),
    ...block(yaml(after)),
  ];
}

function page(name: string, component: Component): string {
  const examples = component.examples ?? [];
  const shown =
    examples.length > 0 ? ['## Examples', '', ...examples.flatMap((one) => example(name, one))] : [];
  const head = [
    `# Transformer \`${name}\``,
    '',
    EXECUTED,
    '',
    component.description,
    ...optionLines(component),
    '',
  ];
  return `${[...head, ...shown].join('\n').trimEnd()}\n`;
}

/** The first sentence. */
const summary = (text: string) => /^.*?[.](?=\s|$)/.exec(text)?.[0].slice(0, -1) ?? text;

/** A page for each transformer, and one that lists them, by file name below `docs/reference/`. */
export function transformerPages(registry: Registry): ReadonlyMap<string, string> {
  const found = registry.names('transformer').flatMap((name) => {
    const component = registry.component('transformer', name);
    return component ? [[name, component] as const] : [];
  });
  const rows = found.map(
    ([name, { description }]) =>
      `| [\`${name}\`](transformers/${name}.md) | ${summary(description).replaceAll('|', '\\|')} |`,
  );
  const index = ['# Transformers', '', MADE, '', '| transformer | what it does |', '|---|---|', ...rows, ''];
  return new Map([
    ['transformers.md', index.join('\n')],
    ...found.map(([name, component]) => [`transformers/${name}.md`, page(name, component)] as const),
  ]);
}
