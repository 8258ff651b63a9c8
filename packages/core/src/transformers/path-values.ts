import type { Context } from '../contracts.ts';
import type { Compiler, Evaluate } from '../define.ts';
import type { Json, JsonObject } from '../json.ts';
import { type Path, parsePath, setAt } from '../paths/path.ts';

/** Compiles an object of paths and values into a function that sets them one after the other, each where it may. */
export function compilePathValues(
  options: Readonly<Record<string, Json>>,
  compile: Compiler,
  may: (record: JsonObject, path: Path) => boolean = () => true,
): (data: JsonObject, context: Context) => JsonObject {
  const entries = Object.entries(options).map(([path, source]): [Path, Evaluate] => [
    parsePath(path),
    compile.value(source),
  ]);
  return (data, context) =>
    entries.reduce((record, [path, evaluate]) => {
      if (!may(record, path)) return record;
      const value = evaluate(record, context);
      return value === undefined ? record : setAt(record, path, value);
    }, data);
}
