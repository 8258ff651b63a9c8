import { isDeepStrictEqual } from 'node:util';
import { checkSteps, type SourceContext } from '../check-source.ts';
import { createCompiler } from '../compile.ts';
import type { Component } from '../define.ts';
import type { TransformerExample } from '../example.ts';
import type { OptionFinding } from '../findings.ts';
import type { Json, JsonObject } from '../json.ts';
import { createRegistry, type Registry } from '../registry.ts';
import { conforms } from '../shapes/conforms.ts';
import { Flow } from '../shapes/flow.ts';
import { joinAll } from '../shapes/join.ts';
import { shapeOf } from '../shapes/known.ts';
import { plain, type Shape } from '../shapes/shape.ts';
import { BUILTIN_TRANSFORMERS } from '../transformers/builtin.ts';
import { type Check, deepFreeze, demand, rejection } from './check.ts';
import { exampleProject } from './example-project.ts';
import { type TestRun, testRun } from './test-run.ts';

/** The examples of a transformer do what they say. */
export function exampleChecks(component: Component): Check[] {
  return (component.examples ?? []).map((example, index) => ({
    name: `does what its example ${index + 1} says${example.title === undefined ? '' : `: ${example.title}`}`,
    run: () => execute(component, deepFreeze(structuredClone(example))),
  }));
}

async function execute(component: Component, example: TransformerExample): Promise<void> {
  const { made, error, storages = {}, stored = {} } = example;
  demand((made === undefined) !== (error === undefined), 'an example says either what is made, or the error');
  const { registry, name } = registered(component);
  const steps = [{ [name]: example.options }];
  const { checked, compiled } = exampleProject(example, steps, registry);
  const findings: OptionFinding[] = [];
  checkSteps(steps, checked, (finding) => void findings.push(finding));
  demand(findings.length === 0, `its options are refused: ${findings.map((one) => one.message).join('; ')}`);

  const shape = shapeOfMade(example, steps, checked);
  const run = testRun({ entity: { type: 'ticket', id: '7' } });
  await fill(run, storages);
  const chain = createCompiler({ ...compiled, log: run.log }).chain(steps);
  const work = async () => {
    const results: JsonObject[] = [];
    for (const record of listOf(example.given)) results.push(...(await chain(record, run)));
    return results;
  };
  if (error === undefined) {
    demandEqual(await work(), listOf(made ?? []), 'was made');
    const all = listOf(made ?? []).every((one) => conforms(one, shape));
    demand(all, 'its shape says that this cannot come out');
  } else {
    const thrown = await rejection(work(), 'it did not fail');
    demand(thrown.code === error, `the error is ${thrown.code}, not ${error}: ${thrown.message}`);
  }
  for (const [storage, entries] of Object.entries(stored)) {
    demandEqual(await contents(run, storage), entries, `is in the storage "${storage}"`);
  }
}

/** What its `shape` says of records like those of the example. */
function shapeOfMade(example: TransformerExample, steps: readonly Json[], checked: SourceContext): Shape {
  const file = { report: () => {}, isVariable: () => false };
  const saved = (id: string) => {
    const found = checked.saved(id);
    return found && { ...found, file };
  };
  const { registry, services } = checked;
  const given = joinAll(listOf(example.given).map((one) => plain(shapeOf(one))));
  return new Flow({ registry, services, saved, used: () => {} }, file).steps(steps, [], given);
}

/** A built-in transformer has its own name; one of a plugin the name of a plugin that has nothing else. */
function registered(component: Component): { readonly registry: Registry; readonly name: string } {
  const builtin = Object.entries<Component>(BUILTIN_TRANSFORMERS).find(([, one]) => one === component);
  if (builtin) return { registry: createRegistry([]), name: builtin[0] };
  const plugin = { name: 'example', components: { example: component } };
  return { registry: createRegistry([plugin]), name: plugin.name };
}

function listOf(records: JsonObject | readonly JsonObject[]): readonly JsonObject[] {
  return Array.isArray(records) ? records : [records as JsonObject];
}

async function fill(run: TestRun, storages: Readonly<Record<string, JsonObject>>): Promise<void> {
  for (const [storage, entries] of Object.entries(storages)) {
    for (const [key, value] of Object.entries(entries)) await run.storages.get(storage).set(key, value);
  }
}

async function contents(run: TestRun, storage: string): Promise<JsonObject> {
  const entries = await run.storages.get(storage).entries({ limit: 1000 });
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}

function demandEqual(found: Json, wanted: Json, what: string): void {
  // Frozen parts of the example are compared by value.
  const equal = isDeepStrictEqual(structuredClone(found), structuredClone(wanted));
  demand(equal, `${JSON.stringify(found)} ${what}, not ${JSON.stringify(wanted)}`);
}
