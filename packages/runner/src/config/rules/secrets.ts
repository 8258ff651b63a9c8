import { isObject, type Json, type OptionPath } from '@millrace/core';
import type { CheckedFile } from '../check-file.ts';
import { clientComponent, content, type Rule, slots } from './rule.ts';

/** A secret belongs into the environment: whoever reads the file would know it. */
export function secrets(rule: Rule): void {
  const { files, registry } = rule;
  for (const file of files.clients.values()) {
    const name = clientComponent(file);
    const definition = name === undefined ? undefined : registry.component('client', name);
    if (!definition || name === undefined) continue;
    literal(rule, file, secretsIn(definition.options, content(file)[name], [name]));
  }
  for (const { file, slot, name, options } of slots(rule)) {
    const definition = registry.component(slot, name);
    if (definition) literal(rule, file, secretsIn(definition.options, options, [slot, name]));
  }
}

function literal({ report }: Rule, file: CheckedFile, found: readonly { readonly path: OptionPath }[]): void {
  for (const { path } of found) {
    if (file.fromEnvironment.has(JSON.stringify(path))) continue;
    const message = `"${String(path.at(-1))}" is a secret, and stands in the file`;
    const hint = 'Write ${NAME}, and set NAME in the environment or in .env.';
    report(file, { severity: 'warning', code: 'config.literal_secret', message, hint, path });
  }
}

interface SecretSchema {
  readonly secret?: boolean;
  readonly properties?: Readonly<Record<string, SecretSchema>>;
}

/** The values of fields that their schema marks as secret. */
export function secretsIn(
  schema: unknown,
  value: Json | undefined,
  path: OptionPath,
): { path: OptionPath; value: string }[] {
  const { secret, properties = {} } = (schema ?? {}) as SecretSchema;
  if (secret && typeof value === 'string') return [{ path, value }];
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => secretsIn(properties[key], member, [...path, key]));
}
