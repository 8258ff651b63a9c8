import type { Json, JsonObject } from '../data/json.ts';
import type { Random } from '../data/random.ts';
import type { Query } from '../query.ts';

export type Compare = (a: JsonObject, b: JsonObject) => number;

/**
 * The order that `order` (or `orderby`) and `order2` to `order5` ask for, each with its `orderdesc`; what they leave
 * equal is ordered by id. Undefined where none is asked for.
 */
export function orderOf(query: Query): Compare | undefined {
  const keys = ['', '2', '3', '4', '5'].flatMap((suffix) => {
    const field = query.text(`order${suffix}`) ?? (suffix === '' ? query.text('orderby') : undefined);
    return field === undefined ? [] : [{ field, sign: query.flag(`orderdesc${suffix}`) ? -1 : 1 }];
  });
  if (keys.length === 0) return undefined;
  return (a, b) => {
    for (const { field, sign } of keys) {
      const order = compare(a[field] ?? null, b[field] ?? null);
      if (order !== 0) return sign * order;
    }
    return compare(a['id'] ?? null, b['id'] ?? null);
  };
}

/** The rows in another order each time. */
export function shuffled(rows: readonly JsonObject[], random: Random): readonly JsonObject[] {
  return rows
    .map((row) => ({ row, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ row }) => row);
}

function compare(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [text(a), text(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function text(value: Json): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
}
