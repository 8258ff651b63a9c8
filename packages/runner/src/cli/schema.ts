import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { loadProject } from '../config/load.ts';
import { type CommandIo, finish, type GlobalOptions, globalOptions } from './output.ts';

interface SchemaOptions extends GlobalOptions {
  readonly out?: string;
}

export function registerSchema(program: Command, io: CommandIo): void {
  program
    .command('schema')
    .description('Write the JSON Schema of every file of the project, for editors')
    .option('--out <file>', 'a file instead of the output')
    .action(async (_: unknown, command: Command) => {
      const options = globalOptions<SchemaOptions>(command);
      const { schema } = await loadProject(options.directory, {
        environment: 'lenient',
        env: io.env,
        cwd: io.cwd,
      });
      const text = `${JSON.stringify(editorForm(schema), null, 2)}\n`;
      if (options.out === undefined && !options.json) {
        io.stdout.write(text);
        return;
      }
      if (options.out !== undefined) await writeFile(resolve(io.cwd, options.out), text);
      const summary = options.out === undefined ? 'The schema' : `Wrote ${options.out}`;
      finish(io, options, {
        command: 'schema',
        summary,
        result: options.out === undefined ? editorForm(schema) : { file: options.out },
      });
    });
}

/** A text such as `${PORT}` may stand where a number, a boolean or a text of some form is wanted. */
const VARIABLE = { type: 'string', pattern: '\\$\\{[^}]+\\}' };

/**
 * The schema as an editor wants it, annotations of ours left out. One file serves all kinds; the modeline of a file
 * says which definition is its own: `$schema=../schema.json#/definitions/incoming`.
 */
export function editorForm(schema: unknown): unknown {
  const form = walk(schema) as { definitions: Record<string, unknown> };
  return { ...form, anyOf: KINDS.map((kind) => ({ $ref: `#/definitions/${kind}` })) };
}

const KINDS = [
  ...['client', 'incoming', 'route', 'outgoing', 'transformer', 'storage', 'reference'],
  ...['settings', 'test'],
];
const OURS = new Set(['millrace', 'millraceKeys', 'millraceContained', 'secret', 'slot']);

function walk(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(walk);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).filter(([key]) => !OURS.has(key));
  const copy = oneAtMost(
    withoutFilled(Object.fromEntries(entries.map(([key, value]) => [key, walk(value)]))),
  );
  const { type, description, default: fallback, ...rest } = copy;
  const formed = type === 'string' && ('pattern' in copy || 'enum' in copy || 'format' in copy);
  if (!formed && !['number', 'integer', 'boolean'].includes(String(type))) return copy;
  return {
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    anyOf: [{ type, ...rest }, VARIABLE],
  };
}

/**
 * An editor offers nothing where an object is full, and counts the key that is being typed: that there is one at most is
 * said by each key instead.
 */
function oneAtMost(schema: Record<string, unknown>): Record<string, unknown> {
  const { maxProperties, minProperties, ...rest } = schema;
  if (maxProperties !== 1) return schema;
  const names = Object.keys((rest['properties'] as object | undefined) ?? {});
  return { ...rest, dependencies: Object.fromEntries(names.map((name) => [name, { maxProperties: 1 }])) };
}

/** An option with a default is there when the engine looks; in a file it may be missing. */
function withoutFilled(schema: Record<string, unknown>): Record<string, unknown> {
  const { required, properties } = schema as {
    required?: unknown;
    properties?: Record<string, { default?: unknown }>;
  };
  if (!Array.isArray(required) || !properties) return schema;
  return { ...schema, required: required.filter((name) => properties[String(name)]?.default === undefined) };
}
