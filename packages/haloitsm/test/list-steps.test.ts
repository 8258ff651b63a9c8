import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ListRules, Seen, START } from '../src/reading/list-state.ts';
import { advance } from '../src/reading/list-steps.ts';
import {
  answerOf,
  type Deed,
  ModelList,
  type ModelOrder,
  type ModelRow,
  type PageFault,
  RULES,
  stored,
} from './model-list.ts';

interface Told {
  readonly handed: ModelRow[];
  readonly pages: number[];
  readonly state: typeof START;
  /** The rows of the page from which reading goes down. */
  readonly end: readonly ModelRow[];
}

interface Options {
  readonly rules?: ListRules;
  /** Takes the read up from its position after every page. */
  readonly restart?: boolean;
  /** Takes it up once, after so many pages. */
  readonly restartAt?: number;
  readonly from?: number;
  /** By turn. */
  readonly faults?: ReadonlyMap<number, PageFault>;
  readonly resize?: { readonly turn: number; readonly to: number };
  readonly checksOrder?: boolean;
}

/** Reads a model list to its end, with deeds between the requests, and where asked with a restart at every page. */
function readList(
  list: ModelList,
  by: ModelOrder,
  deeds: readonly (readonly Deed[])[],
  options: Options = {},
): Told {
  const { rules = RULES, restart = false, restartAt, from, faults, resize, checksOrder = false } = options;
  const handed: ModelRow[] = [];
  const pages: number[] = [];
  let end: readonly ModelRow[] = [];
  let state = START;
  let seen = new Seen();
  for (let turn = 0; state.phase !== 'done'; turn++) {
    if (turn > 500) throw new Error('the read does not end');
    if (turn === resize?.turn) list.cap = resize.to;
    const page = list.page(state.page, by, faults?.get(turn));
    pages.push(state.page);
    if (state.phase === 'down' && state.tail === 0) end = page.rows;
    const step = advance(state, answerOf(page, from, checksOrder && state.order === 0), rules, seen);
    handed.push(...step.fresh.map((place) => page.rows[place] as ModelRow));
    const isRestart = restart || turn === restartAt;
    state = isRestart ? stored(step.state) : step.state;
    if (isRestart) seen = new Seen(state);
    for (const deed of deeds[turn] ?? []) list.apply(deed);
  }
  return { handed, pages, state, end };
}

const at = fc.nat({ max: 200 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ do: fc.constant('create' as const) }),
  fc.record({ do: fc.constantFrom('change' as const, 'remove' as const, 'replace' as const), at }),
);
const deeds = fc.array(fc.array(deed, { maxLength: 3 }), { maxLength: 40 });
const count = fc.integer({ min: 0, max: 60 });
// With pages of one record, a page that is the same as the one before says nothing.
const cap = fc.integer({ min: 2, max: 10 });

describe('a list that is read page by page', () => {
  it('is read once, whole, when nobody touches it', () => {
    fc.assert(
      fc.property(count, cap, fc.boolean(), (rows, size, restart) => {
        const rules = { ...RULES, confirm: false };
        const { handed, pages, state } = readList(new ModelList(rows, size), 'id', [], { rules, restart });
        expect(handed.map(({ id }) => id).sort((a, b) => a - b)).toEqual(
          Array.from({ length: rows }, (_, index) => index + 1),
        );
        expect(pages).toHaveLength(Math.max(1, Math.ceil(rows / size)));
        expect(state).toMatchObject({ unique: rows, lowest: rows, highest: rows });
      }),
    );
  });

  it.each(['id', 'date'] as const)(
    'in the order of its %s loses no record, whatever is created, changed and removed meanwhile',
    (by) => {
      fc.assert(
        fc.property(count, cap, deeds, fc.boolean(), (rows, size, between, restart) => {
          const list = new ModelList(rows, size);
          const before = new Map([...list.rows].map(([id, row]) => [id, row.version]));
          const { handed } = readList(list, by, between, { restart });
          const ids = new Set(handed.map(({ id }) => id));
          const kept = [...list.rows.values()].filter(({ id }) => before.has(id));
          // What changed while it was read by date belongs to the next run: its date says so.
          const wanted = by === 'id' ? kept : kept.filter(({ id, version }) => before.get(id) === version);
          expect(wanted.filter(({ id }) => !ids.has(id))).toEqual([]);
        }),
        { numRuns: 500 },
      );
    },
  );

  it('with the newest first is read again where anything moved, so that nothing that left hides what slipped through', () => {
    fc.assert(
      fc.property(count, cap, deeds, (rows, size, between) => {
        const list = new ModelList(rows, size);
        const before = [...list.rows.keys()];
        // People stop before the list is read a second time.
        const until = between.slice(0, Math.ceil(rows / size));
        const { handed } = readList(list, 'newest', until, { rules: { ...RULES, grows: false } });
        const ids = new Set(handed.map(({ id }) => id));
        expect(before.filter((id) => list.rows.has(id) && !ids.has(id))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('hands no version on twice', () => {
    fc.assert(
      fc.property(
        count,
        cap,
        deeds,
        fc.constantFrom('id' as const, 'date' as const),
        (rows, size, between, by) => {
          const { handed } = readList(new ModelList(rows, size), by, between);
          const versions = handed.map(({ id, version }) => `${id}/${version}`);
          expect(new Set(versions).size).toBe(versions.length);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('by date knows after its first page down what it will have read: no change before that date is missing', () => {
    fc.assert(
      fc.property(count, cap, deeds, fc.boolean(), (rows, size, between, restart) => {
        const list = new ModelList(rows, size);
        const { handed, pages, end } = readList(list, 'date', between, { restart });
        const start = pages.length === 1 ? handed : end;
        const mark = Math.max(0, ...start.map(({ date }) => date));
        const got = new Set(handed.map(({ id, version }) => `${id}/${version}`));
        const old = [...list.rows.values()].filter(({ date }) => date <= mark);
        expect(old.filter(({ id, version }) => !got.has(`${id}/${version}`))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('reads the newest only, where older ones are not wanted', () => {
    fc.assert(
      fc.property(count, cap, fc.integer({ min: 1000, max: 1070 }), (rows, size, from) => {
        const list = new ModelList(rows, size);
        const { handed, pages } = readList(list, 'date', [], { rules: { ...RULES, recent: true }, from });
        const news = [...list.rows.values()].filter(({ date }) => date >= from).map(({ id }) => id);
        const got = new Set(handed.map(({ id }) => id));
        expect(news.filter((id) => !got.has(id))).toEqual([]);
        expect(pages.length).toBeLessThanOrEqual(2 + Math.ceil(news.length / size) + 1);
      }),
    );
  });

  it('reads what is added meanwhile, and asks for little more than there is', () => {
    const creating = fc.array(fc.array(fc.constant({ do: 'create' } as const), { maxLength: 3 }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(count, cap, creating, (rows, size, between) => {
        const list = new ModelList(rows, size);
        const { handed, pages, state } = readList(list, 'id', between);
        expect(handed.length).toBeGreaterThanOrEqual(state.lowest);
        expect(pages.length).toBeLessThanOrEqual(Math.ceil(list.rows.size / size) + 4);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['skip', 'duplicate', 'empty', 'more', 'fewer', 'short'] as const)(
    'loses nothing when a single answer goes wrong: %s',
    (fault) => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 60 }), cap, fc.nat({ max: 12 }), (rows, size, turn) => {
          const list = new ModelList(rows, size);
          // A first answer that says too little cannot be told from a whole one.
          const when = fault === 'fewer' ? turn + 1 : turn;
          const { handed, pages } = readList(list, 'id', [], { faults: new Map([[when, fault]]) });
          expect(handed.map(({ id }) => id).sort((a, b) => a - b)).toEqual([...list.rows.keys()]);
          // Not by reading everything twice. A first page that is short hides how many there are of them.
          const most = Math.ceil(rows / size) + 5;
          if (fault !== 'short' || turn > 0) expect(pages.length).toBeLessThanOrEqual(most);
        }),
        { numRuns: 300 },
      );
    },
  );

  it('never takes a list for whole that gave less than it announced', () => {
    const faults = fc.array(
      fc.constantFrom(undefined, 'skip' as const, 'duplicate' as const, 'empty' as const),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(count, cap, faults, (rows, size, kinds) => {
        const list = new ModelList(rows, size);
        const planned = new Map(kinds.flatMap((kind, turn) => (kind ? [[turn, kind] as const] : [])));
        const { handed, state } = readList(list, 'id', [], { faults: planned });
        const missing = rows - new Set(handed.map(({ id }) => id)).size;
        expect(Math.max(0, state.lowest - state.unique)).toBe(missing);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['id', 'newest'] as const)(
    'in the order of its %s, taken up in the middle, misses nothing that came before',
    (by) => {
      fc.assert(
        fc.property(count, cap, deeds, fc.nat({ max: 20 }), (rows, size, between, restartAt) => {
          const list = new ModelList(rows, size);
          const rules = { ...RULES, grows: by === 'id' };
          const { handed, state } = readList(list, by, between, { restartAt, rules });
          const got = new Set(handed.map(({ id }) => id));
          const isWhole = [...list.rows.keys()].every((id) => got.has(id));
          if (isWhole) expect(state.lowest - state.unique).toBeLessThanOrEqual(0);
        }),
        { numRuns: 1000 },
      );
    },
  );

  it('taken up in the middle, is not taken for whole when two answers were wrong', () => {
    const fault = fc.tuple(fc.nat({ max: 30 }), fc.constantFrom('skip' as const, 'empty' as const));
    fc.assert(
      fc.property(
        count,
        cap,
        fc.array(fault, { maxLength: 2 }),
        fc.nat({ max: 20 }),
        (rows, size, faults, restartAt) => {
          const list = new ModelList(rows, size);
          const { handed, state } = readList(list, 'id', [], { faults: new Map(faults), restartAt });
          const missing = rows - new Set(handed.map(({ id }) => id)).size;
          if (missing > 0) expect(state.lowest - state.unique).toBeGreaterThan(0);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('in no order at all is read pass by pass until nothing is missing', () => {
    fc.assert(
      fc.property(count, cap, fc.integer(), (rows, size, seed) => {
        const list = new ModelList(rows, size, seed);
        const { handed, state } = readList(list, 'none', [], { rules: { ...RULES, orders: 1 } });
        const versions = handed.map(({ id }) => id);
        expect(new Set(versions).size).toBe(versions.length);
        expect(state.lowest - state.unique).toBe(rows - versions.length);
        // Twelve passes leave one record in a thousand behind where each finds half of what is left.
        expect(versions.length).toBeGreaterThanOrEqual(rows - 2);
      }),
      { examples: [[58, 5, -1633217572]] },
    );
  });

  it('takes another order when the first is not kept to, and loses nothing by it', () => {
    fc.assert(
      fc.property(count, cap, fc.integer(), (rows, size, seed) => {
        const list = new ModelList(rows, size, seed);
        const rules = { ...RULES, orders: 2 };
        const { handed, state } = readList(list, 'none', [], { rules, checksOrder: true });
        expect(state.lowest - state.unique).toBe(rows - handed.length);
        expect(handed.length).toBeGreaterThanOrEqual(rows - 2);
      }),
    );
  });

  it('whose page size changes in the middle is read to its end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 80 }),
        cap,
        cap,
        fc.nat({ max: 8 }),
        (rows, size, other, turn) => {
          const list = new ModelList(rows, size);
          const { handed } = readList(list, 'id', [], { resize: { turn, to: other } });
          expect(new Set(handed.map(({ id }) => id)).size).toBe(rows);
        },
      ),
      { numRuns: 300 },
    );
  });
});
