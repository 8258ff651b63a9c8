import { isObject, type Json, type OptionPath } from '@millrace/core';

/** Variables by name; undefined where one is not set. */
export type Environment = (name: string) => string | undefined;

export interface Interpolated {
  readonly value: Json;
  /** JSON of the paths of scalars that hold text of the environment. */
  readonly fromEnvironment: ReadonlySet<string>;
  readonly missing: readonly { readonly name: string; readonly path: OptionPath }[];
  readonly malformed: readonly { readonly text: string; readonly path: OptionPath }[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Resolves `${NAME}` and `${NAME:-default}` in every text of a file, once: what comes out is not searched again.
 * `$${` is a literal `${`. A variable that is not set, and has no default, stays as it stands and is listed.
 */
export function interpolate(content: Json, environment: Environment): Interpolated {
  const fromEnvironment = new Set<string>();
  const missing: { name: string; path: OptionPath }[] = [];
  const malformed: { text: string; path: OptionPath }[] = [];

  const resolve = (text: string, path: OptionPath): string => {
    let touched = false;
    const result = text.replace(/\$\$\{|\$\{([^}]*)\}?/g, (whole: string, inner: string | undefined) => {
      if (whole === '$${') return '${';
      const [name = '', fallback] = splitDefault(inner ?? '');
      touched = true;
      if (!whole.endsWith('}') || !NAME.test(name)) {
        malformed.push({ text: whole, path });
        return whole;
      }
      const value = environment(name);
      // As in a shell: the default also stands for an empty variable.
      if (fallback !== undefined && (value === undefined || value === '')) return fallback;
      if (value !== undefined) return value;
      missing.push({ name, path });
      return whole;
    });
    if (touched) fromEnvironment.add(JSON.stringify(path));
    return result;
  };

  const walk = (node: Json, path: OptionPath): Json => {
    if (typeof node === 'string') return resolve(node, path);
    if (Array.isArray(node)) return node.map((member: Json, index) => walk(member, [...path, index]));
    if (!isObject(node)) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, member]) => [key, walk(member, [...path, key])]),
    );
  };
  return { value: walk(content, []), fromEnvironment, missing, malformed };
}

function splitDefault(inner: string): [string, string?] {
  const at = inner.indexOf(':-');
  return at === -1 ? [inner] : [inner.slice(0, at), inner.slice(at + 2)];
}

/** The number or the boolean that a text of the environment means; undefined where it is none. */
export function convert(text: string, wanted: readonly string[]): number | boolean | undefined {
  const trimmed = text.trim();
  if (wanted.includes('boolean') && /^(true|false)$/i.test(trimmed)) return trimmed.toLowerCase() === 'true';
  const numeric = wanted.includes('integer') || wanted.includes('number');
  if (!numeric || trimmed === '' || !Number.isFinite(Number(trimmed))) return undefined;
  const value = Number(trimmed);
  return wanted.includes('number') || Number.isInteger(value) ? value : undefined;
}
