import type { Json, JsonObject } from '../data/json.ts';
import type { Random } from '../data/random.ts';
import type { Query } from '../query.ts';

/** Orders by `order` (or `orderby`) and `order2` to `order5`, each with its `orderdesc`. */
export function ordered(rows: readonly JsonObject[], query: Query): readonly JsonObject[] {
  const keys = ['', '2', '3', '4', '5'].flatMap((suffix) => {
    const field = query.text(`order${suffix}`) ?? (suffix === '' ? query.text('orderby') : undefined);
    return field === undefined ? [] : [{ field, sign: query.flag(`orderdesc${suffix}`) ? -1 : 1 }];
  });
  if (keys.length === 0) return rows;
  return [...rows].sort((a, b) => {
    for (const { field, sign } of keys) {
      const order = compare(a[field] ?? null, b[field] ?? null);
      if (order !== 0) return sign * order;
    }
    return 0;
  });
}

export function hasOrder(query: Query): boolean {
  return query.has('order') || query.has('orderby');
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
