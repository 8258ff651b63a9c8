import type { Context } from '../contracts.ts';
import type { Compiler, Evaluate } from '../define.ts';
import type { Json, JsonObject } from '../json.ts';
import { type Path, parsePath, setAt } from '../paths/path.ts';
import { join } from '../shapes/join.ts';
import { literalSteps, pathOf, recordOf, setShape, shapeAt } from '../shapes/places.ts';
import type { Shape } from '../shapes/shape.ts';
import type { ShapeCheck } from '../shapes/shape-check.ts';

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

/** What comes of a record when paths are set; with `absent`, only where there was nothing before. */
export function pathValuesShape(
  options: Readonly<Record<string, Json>>,
  check: ShapeCheck,
  absent = false,
): Shape {
  return Object.keys(options).reduce((record, text) => {
    const value = check.value([text], record);
    const path = pathOf(text);
    if (!path) return record;
    const before = absent ? shapeAt(record, literalSteps(path)) : undefined;
    const made = setShape(record, path, before && !before.fault ? join(before.shape, value) : value);
    return value.optional ? join(record, made) : made;
  }, recordOf(check.record));
}
