import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import type { OptionFinding } from '../../src/findings.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { checkOptions } from '../../src/options.ts';
import { checkPaging, compilePaging, type Paging, PagingOptions } from '../../src/paging/options.ts';
import type { PageAnswer, PageRequest } from '../../src/paging/page.ts';
import { testDependencies } from '../../src/testing/index.ts';
import { type ApiShape, OPTIONS, PagedApi, readAll, type Style } from './paged-api.ts';

const { compile } = testDependencies('incoming');

function paging(options: JsonObject): Paging {
  return checkOptions(PagingOptions, options, (finding) => {
    throw new Error(finding.message);
  }) as Paging;
}

function paginatorFor({ style, more }: Pick<ApiShape, 'style' | 'more'>, extra: JsonObject = {}) {
  return compilePaging(paging({ ...OPTIONS[style], ...(more && { more: 'more' }), ...extra }), compile);
}

const STYLES: readonly Style[] = ['page', 'offset', 'cursor', 'keyset', 'next', 'link'];
const shapes = fc.record({
  style: fc.constantFrom(...STYLES),
  cap: fc.integer({ min: 1, max: 12 }),
  short: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 5 }),
  total: fc.boolean(),
  more: fc.boolean(),
});
const counts = fc.integer({ min: 0, max: 60 });

describe('a paginator', () => {
  it('reads every row of a list once, in order, whatever the server does with the size of its pages', () => {
    fc.assert(
      fc.property(counts, shapes, (count, shape) => {
        const api = new PagedApi(count, shape);
        const { rows } = readAll(paginatorFor(shape), api);
        expect(rows).toEqual(api.rows);
      }),
      { numRuns: 500 },
    );
  });

  it('asks once more than there are pages at most', () => {
    fc.assert(
      fc.property(counts, shapes, (count, given) => {
        const shape = { ...given, short: [] };
        const api = new PagedApi(count, shape);
        readAll(paginatorFor(shape), api);
        const pages = Math.max(1, Math.ceil(count / shape.cap));
        const told =
          shape.more || shape.style === 'cursor' || shape.style === 'next' || shape.style === 'link';
        const exact = told || (shape.total && shape.style !== 'keyset') || count === 0;
        expect(api.requests).toBe(exact ? pages : pages + 1);
      }),
      { numRuns: 300 },
    );
  });

  it('goes on from every page with exactly the rest', () => {
    fc.assert(
      fc.property(counts, shapes, fc.nat(), (count, given, pick) => {
        const shape = { ...given, short: [] };
        const paginator = paginatorFor(shape);
        const { pages } = readAll(paginator, new PagedApi(count, shape));
        const from = pages[pick % pages.length] ?? paginator.first;
        const api = new PagedApi(count, shape);
        expect(readAll(paginator, api, { from }).rows).toEqual(api.rows.slice(from.received));
      }),
      { numRuns: 300 },
    );
  });

  it('comes to an end, or says that it does not get on, while rows come, go and move between two requests', () => {
    const change = fc.record({
      at: fc.nat({ max: 60 }),
      remove: fc.nat({ max: 3 }),
      add: fc.nat({ max: 2 }),
    });
    fc.assert(
      fc.property(counts, shapes, fc.array(change, { maxLength: 20 }), (count, shape, changes) => {
        const api = new PagedApi(count, shape);
        let fresh = 1000;
        const between = (page: number) => {
          const { at, remove, add } = changes[page] ?? { at: 0, remove: 0, add: 0 };
          api.rows.splice(
            at % (api.rows.length + 1),
            remove,
            ...Array.from({ length: add }, () => ({ id: ++fresh })),
          );
        };
        try {
          readAll(paginatorFor(shape), api, { between });
        } catch (error) {
          expect(error).toMatchObject({ code: 'source.no_progress' });
        }
        // Each change adds two rows at most; then the list is still.
        expect(api.requests).toBeLessThanOrEqual(count + 2 * changes.length + 2);
      }),
      { numRuns: 500 },
    );
  });

  it('by the last id loses and doubles no row that was there all the time', () => {
    const change = fc.record({
      at: fc.nat({ max: 60 }),
      remove: fc.nat({ max: 3 }),
      add: fc.nat({ max: 2 }),
    });
    fc.assert(
      fc.property(counts, shapes, fc.array(change, { maxLength: 20 }), (count, given, changes) => {
        const shape = { ...given, style: 'keyset' as const };
        const api = new PagedApi(count, shape);
        let fresh = 1000;
        const between = (page: number) => {
          const { at, remove, add } = changes[page] ?? { at: 0, remove: 0, add: 0 };
          api.rows.splice(at % (api.rows.length + 1), remove);
          // In the order of ids, as such lists are.
          for (let index = 0; index < add; index++) api.rows.push({ id: ++fresh });
        };
        const { rows } = readAll(paginatorFor(shape), api, { between });
        const ids = rows.map((row) => (row as JsonObject)['id']);
        expect(new Set(ids).size).toBe(ids.length);
        for (const { id } of api.rows) if (Number(id) < 1000) expect(ids).toContain(id);
      }),
      { numRuns: 300 },
    );
  });

  it('never goes round in a circle of pages, however long it is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...STYLES),
        fc.nat({ max: 7 }),
        fc.integer({ min: 1, max: 9 }),
        (style, lead, length) => {
          let requests = 0;
          const answer = (): PageAnswer => {
            const number = requests < lead + length ? requests : lead + ((requests - lead) % length);
            requests++;
            const row = { id: number + 1 };
            const headers = { link: `<?after=${number}>; rel=next` };
            const body = { rows: [row], next_cursor: `c${number}`, links: { next: `?after=${number}` } };
            return { rows: [row], body, headers, url: 'https://api.example/things' };
          };
          const read = () => readAll(paginatorFor({ style, more: false }), { answer });
          expect(read).toThrow(MillraceError);
          expect(requests).toBeLessThanOrEqual(4 * (lead + length) + 2);
        },
      ),
      { numRuns: 300 },
    );
  });

  const trouble = (options: JsonObject, answers: readonly Partial<PageAnswer>[]) => {
    const asked: PageRequest[] = [];
    const answer = (request: PageRequest): PageAnswer => {
      asked.push(request);
      const given = answers[Math.min(asked.length - 1, answers.length - 1)] ?? {};
      return {
        rows: [{ id: asked.length }],
        body: {},
        headers: {},
        url: 'https://api.example/v1/things',
        ...given,
      };
    };
    const read = () => readAll(compilePaging(paging(options), compile), { answer });
    return { asked, read };
  };

  it.each<[string, JsonObject, Partial<PageAnswer>[]]>([
    ['a page that is the same as the one before', { page: {} }, [{ rows: [{ id: 1 }] }]],
    ['a cursor that leads to itself', { cursor: { parameter: 'c', from: 'c' } }, [{ body: { c: 'x' } }]],
    ['a link that leads to itself', { next: { from: 'n' } }, [{ body: { n: '/v1/things?p=2' } }]],
    ['an offset that stands still', { offset: {}, more: 'more' }, [{ rows: [], body: { more: true } }]],
    [
      'more, and no cursor',
      { cursor: { parameter: 'c', from: 'c' }, more: 'more' },
      [{ body: { more: true } }],
    ],
    ['more pages than there may be', { page: {}, maxPages: 3 }, [{}]],
  ])('says that %s does not get on', (_, options, answers) => {
    const { asked, read } = trouble(options, answers);
    expect(read).toThrow(expect.objectContaining({ code: 'source.no_progress' }));
    expect(asked.length).toBeLessThanOrEqual(4);
  });

  it('takes 0 for a cursor, and null, false and an empty text for the end', () => {
    for (const end of [null, false, '', undefined]) {
      const { asked, read } = trouble({ cursor: { parameter: 'c', from: 'c' } }, [
        { body: { c: 0 } },
        { body: end === undefined ? {} : { c: end } },
      ]);
      expect(read().rows).toHaveLength(2);
      expect(asked).toEqual([{}, { query: { c: 0 } }]);
    }
  });

  it('ends where a page without rows gives the cursor that it was asked with', () => {
    const { read } = trouble({ cursor: { parameter: 'cursorMark', from: 'c', first: '*' } }, [
      { body: { c: 'a' } },
      { body: { c: 'a' }, rows: [] },
    ]);
    expect(read().rows).toEqual([{ id: 1 }]);
  });

  it('goes on over an empty page where the server says that there is more', () => {
    const { asked, read } = trouble({ page: {}, more: 'page < pages' }, [
      { rows: [], body: { page: 1, pages: 3 } },
      { body: { page: 2, pages: 3 } },
      { body: { page: 3, pages: 3 } },
    ]);
    expect(read().rows).toEqual([{ id: 2 }, { id: 3 }]);
    expect(asked.at(-1)).toEqual({ query: { page: 3 } });
  });

  it('finds a cursor in a header, and puts it into a body where it is told to', () => {
    const { asked, read } = trouble({ cursor: { parameter: 'page.after', header: 'X-Next' }, in: 'body' }, [
      { headers: { 'x-next': 'abc' } },
      {},
    ]);
    expect(read().rows).toHaveLength(2);
    expect(asked).toEqual([{}, { body: { path: 'page.after', value: 'abc' } }]);
  });

  it('passes over a next link that belongs to another resource', () => {
    const link = '<?page=2>; rel=next; anchor="/v1/others", <?page=9>; rel=last';
    const { asked, read } = trouble({ link: {} }, [{ headers: { link } }]);
    expect(read().rows).toHaveLength(1);
    expect(asked).toHaveLength(1);
  });

  it.each<[string, JsonObject, Partial<PageAnswer>]>([
    ['a link that is none', { next: { from: 'n' } }, { body: { n: { href: 'x' } } }],
    ['a Link header that cannot be read', { link: {} }, { headers: { link: 'next page: 2' } }],
  ])('refuses %s', (_, options, answer) => {
    expect(trouble(options, [answer]).read).toThrow(expect.objectContaining({ code: 'client.protocol' }));
  });
});

describe('the option paging', () => {
  const findings = (options: Json): OptionFinding[] => {
    const found: OptionFinding[] = [];
    const checked = checkOptions(PagingOptions, options, (finding) => found.push(finding));
    if (checked !== undefined) checkPaging(checked as Paging, (finding) => found.push(finding), ['paging']);
    return found;
  };

  it.each(Object.values(OPTIONS))('may be %j', (options) => {
    expect(findings(options)).toEqual([]);
  });

  it.each<[JsonObject, string, string]>([
    [{}, 'config.missing_option', 'paging'],
    [{ page: {}, offset: {} }, 'config.invalid_value', 'paging'],
    [{ cursor: { parameter: 'c' } }, 'config.missing_option', 'paging.cursor'],
    [{ cursor: { parameter: 'c', from: 'a', header: 'b' } }, 'config.invalid_value', 'paging.cursor'],
    [{ cursor: { from: 'c' } }, 'config.missing_option', 'cursor'],
    [{ pages: {} }, 'config.unknown_option', 'pages'],
    [{ offset: { parameter: 'a.__proto__' }, in: 'body' }, 'config.invalid_path', 'paging.offset.parameter'],
  ])('may not be %j', (options, code, path) => {
    expect(findings(options).map((finding) => [finding.code, finding.path.join('.')])).toContainEqual([
      code,
      path,
    ]);
  });
});
