import { isObject, type Json } from '../json.ts';
import { demand } from './check.ts';
import { inner, type Schema } from './option-checks.ts';
import { describe } from './test-run.ts';

/** A text to put where a secret stands in the options of a test: found anywhere else, it leaked. */
export const CANARY = 'canary-3f9c1d77e0';

/** What stands in the options at the places that the schema marks as secret. */
export function secretsIn(schema: Schema, options: Json | undefined): string[] {
  if (options === undefined) return [];
  if (schema.secret) return typeof options === 'string' && options !== '' ? [options] : [];
  return inner(schema).flatMap(([name, option]) => {
    if (name !== undefined) return isObject(options) ? secretsIn(option, options[name]) : [];
    if (Array.isArray(options)) return options.flatMap((member: Json) => secretsIn(option, member));
    const free = isObject(options) ? Object.entries(options) : [];
    const members = free.filter(([key]) => schema.properties?.[key] === undefined);
    return [...secretsIn(option, options), ...members.flatMap(([, value]) => secretsIn(option, value))];
  });
}

/** Whether a component has an option that must never be seen. */
export function hasSecrets(schema: Schema): boolean {
  return schema.secret === true || inner(schema).some(([, option]) => hasSecrets(option));
}

/** Throws where one of the values, or something in it, shows a secret; errors are looked into with their causes. */
export function demandNoSecret(secrets: readonly string[], where: Readonly<Record<string, unknown>>): void {
  for (const [place, value] of Object.entries(where)) {
    const text = Array.isArray(value) ? value.map(describe).join('\n') : describe(value);
    const leaked = secrets.some((secret) => forms(secret).some((form) => text.includes(form)));
    demand(!leaked, `a secret leaked into ${place}`);
  }
}

/** A secret as it stands in JSON, in a URL and in a basic-authorization header, too. */
function forms(secret: string): string[] {
  const encoded = [JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
  return [secret, ...encoded, Buffer.from(secret).toString('base64').replace(/=+$/, '')];
}
