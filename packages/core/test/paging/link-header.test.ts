import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { parseLinkHeader } from '../../src/paging/link-header.ts';

describe('a Link header', () => {
  it.each([
    ['<https://h/x?page=2>; rel="next", <https://h/x?page=9>; rel="last"', ['next', 'last']],
    ['</x?a=1,2;3>; rel=next', ['next']],
    ['<x>;rel="prev next"', ['prev', 'next']],
    ['<x>; REL=Next', ['next']],
    ['<x>; title="a, b; rel=\\"last\\""; rel=next', ['next']],
    ['<x>; rel=next; rel=last', ['next']],
    ['<x>; crossorigin, <y>; rel=next', ['next']],
    ['<x> ; rel = "next" , , <y>;rel=last,', ['next', 'last']],
    ["<x>; title*=UTF-8'de'n%c3%a4chstes; rel=next", ['next']],
    ['', []],
  ])('%j has the relations %j', (header, expected) => {
    expect(parseLinkHeader(header).flatMap(({ rel }) => rel)).toEqual(expected);
  });

  it.each(['x', '<x', '<x>; rel="next', '<x> rel=next', '<x>; rel="a" b', '<x>, y'])(
    '%j is refused',
    (header) => {
      expect(() => parseLinkHeader(header)).toThrow(expect.objectContaining({ code: 'client.protocol' }));
    },
  );

  const token = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/);
  const blanks = fc.constantFrom('', ' ', '\t', '  ');
  const target = fc.stringMatching(/^[!-=?-~]{0,20}$/);
  /** One link, and one of the many ways to write it. */
  const link = fc
    .record({
      target,
      rel: fc.array(token, { minLength: 1, maxLength: 3 }),
      anchor: fc.option(target, { nil: undefined }),
      others: fc.array(fc.tuple(token, fc.option(fc.string({ unit: 'grapheme-ascii' }))), { maxLength: 3 }),
      first: fc.boolean(),
      space: fc.array(blanks, { minLength: 4, maxLength: 4 }),
    })
    .map(({ target, rel, anchor, others, first, space: [a = '', b = '', c = '', d = ''] }) => {
      const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
      const own = [
        `rel${a}=${b}${rel.length === 1 && first ? rel[0] : quote(rel.join(' '))}`,
        ...(anchor === undefined ? [] : [`anchor=${quote(anchor)}`]),
      ];
      const rest = others
        .filter(([name]) => name !== 'rel' && name !== 'anchor')
        .map(([name, value]) => (value === null ? name : `${name}${a}=${quote(value)}`));
      const parameters = first ? [...own, ...rest] : [...rest, ...own];
      return {
        link: { target, rel, ...(anchor !== undefined && { anchor }) },
        text: `<${target}>${parameters.map((one) => `${c};${d}${one}`).join('')}`,
      };
    });

  it('reads back every way in which links can be written', () => {
    fc.assert(
      fc.property(fc.array(link, { maxLength: 4 }), fc.constantFrom(',', ', ', ' ,, '), (links, comma) => {
        const header = links.map(({ text }) => text).join(comma);
        expect(parseLinkHeader(header)).toEqual(links.map((one) => one.link));
      }),
      { numRuns: 500 },
    );
  });

  it('of any text is read or refused, at once', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      ';',
      ',',
      '=',
      '"',
      '\\',
      ' ',
      'rel',
      'next',
      'x',
      '__proto__',
      'ä',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        try {
          parseLinkHeader(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(MillraceError);
        }
      }),
      { numRuns: 1000 },
    );
    expect(() => parseLinkHeader(`<x>; a="${'\\"'.repeat(100_000)}`)).toThrow(MillraceError);
  });
});
