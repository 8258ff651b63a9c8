import type { Context } from './contracts.ts';
import type { Compiler } from './define.ts';
import { MillraceError } from './errors.ts';
import { type Json, type JsonObject, keyText } from './json.ts';

/** Compiles the key of an entry of a storage. Fails with `storage.no_key` on a record that gives none. */
export function compileKey(source: Json, compile: Compiler): (data: JsonObject, context: Context) => string {
  const evaluate = compile.value(source);
  return (data, context) => {
    const value = evaluate(data, context);
    const text = typeof value === 'object' ? undefined : keyText(value);
    if (text === undefined || text === '') {
      const found = value === undefined || value === null ? 'none' : JSON.stringify(value).slice(0, 60);
      throw new MillraceError(
        'storage.no_key',
        `The key must be a text or a number, and the record gives ${found}`,
        {
          hint: 'Filter such records out before, or name a field that every record has.',
        },
      );
    }
    return text;
  };
}
