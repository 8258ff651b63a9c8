import type { Services } from '../expressions/services.ts';
import { memberOf } from './access.ts';
import { join, joinAll } from './join.ts';
import { shapeOf } from './known.ts';
import { assumed, listOf, plain, type ScalarType, type Shape, scalar, UNKNOWN } from './shape.ts';

const names = (list: string) => list.split(' ');

/** What functions answer that always answer the same kind of scalar. */
const SCALARS = new Map<string, ScalarType>([
  ...names(
    'upper lower trim trim_left trim_right capitalize slug replace join substring pad_left pad_right truncate strip_html ' +
      'markdown_to_html html_to_markdown to_string format_number format_date hash uuid5 base64_encode base64_decode ' +
      'url_encode json_encode type type_of cat substr',
  ).map((name) => [name, 'text'] as const),
  ...names('length count').map((name) => [name, 'integer'] as const),
  ...names('to_number abs ceil floor round sum avg').map((name) => [name, 'number'] as const),
  ...names('contains starts_with ends_with is_empty to_boolean').map((name) => [name, 'boolean'] as const),
]);

/** Functions that answer a list of the members of their first argument. */
const SAME_LIST = new Set(names('sort reverse unique sort_by'));
/** Functions that answer one of the members of their first argument. */
const ONE_MEMBER = new Set(names('first last min_by max_by'));
const LISTS_OF_TEXT = new Set(names('keys split'));

/**
 * What a function comes to for arguments of these shapes. `expressions` are the shapes that an expression argument has for
 * a member of the list. Unknown where nothing can be said.
 */
export function functionShape(
  name: string,
  args: readonly Shape[],
  services: Services,
  expression?: (member: Shape) => Shape,
): Shape {
  const type = SCALARS.get(name);
  if (type !== undefined) return scalar(type);
  if (LISTS_OF_TEXT.has(name)) return listOf(scalar('text'));
  const [first = UNKNOWN] = args;
  if (SAME_LIST.has(name)) return assumed(first).kind === 'list' ? unmembered(first) : UNKNOWN;
  if (ONE_MEMBER.has(name)) return plain(memberOf(first).shape);
  switch (name) {
    case 'coalesce':
    case 'not_null':
      return plain(joinAll(args));
    case 'to_array':
      return assumed(first).kind === 'list' ? unmembered(first) : listOf(plain(first));
    case 'map':
      return expression && args[1] ? listOf(expression(memberOf(args[1]).shape)) : listOf(UNKNOWN);
    case 'lookup':
      return lookupShape(args, services);
    default:
      return UNKNOWN;
  }
}

function unmembered(list: Shape): Shape {
  return listOf(memberOf(list).shape);
}

/** So many values of a table are looked at: one that is larger may hold anything. */
const MAX_VALUES = 2_000;

const tables = new WeakMap<object, Shape>();

/** What the values of a lookup table have in common. */
export function tableShape(id: string, services: Services): Shape {
  const table = services.tables.get(id);
  if (!table || table.size === 0 || table.size > MAX_VALUES) return UNKNOWN;
  const shape = tables.get(table) ?? joinAll([...table.values()].map((value) => plain(shapeOf(value))));
  tables.set(table, shape);
  return shape;
}

function lookupShape([table, , otherwise]: readonly Shape[], services: Services): Shape {
  const id = table?.constant;
  if (typeof id !== 'string') return UNKNOWN;
  const values = tableShape(id, services);
  return otherwise ? join(values, plain(otherwise)) : values;
}
