import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/json.ts';
import type { FormatName } from '../../src/transformers/formats/format.ts';
import { loadFormat } from '../../src/transformers/formats/load-format.ts';
import { apply, check, failure } from './chain-of.ts';

const parse = async (text: Json, options: JsonObject) =>
  (await apply([{ parse: { at: 'x', ...options } }], { x: text }))[0]?.['x'];
const serialize = async (value: Json, options: JsonObject) =>
  (await apply([{ serialize: { at: 'x', ...options } }], { x: value }))[0]?.['x'];
const refusal = async (step: 'parse' | 'serialize', value: Json, options: JsonObject) =>
  (await failure([{ [step]: { at: 'x', ...options } }], { x: value })).message;

describe('parse and serialize', () => {
  it('work in place or elsewhere, on every node of a pattern, and leave null and what is not there', async () => {
    const data = { a: { t: '[1]' }, b: { t: null }, c: { n: 1 } };
    expect(await apply([{ parse: { at: '*.t', format: 'json' } }], data)).toEqual([
      { a: { t: [1] }, b: { t: null }, c: { n: 1 } },
    ]);
    expect(await apply([{ parse: { at: '*.t', to: 'parsed.$1', format: 'json' } }], data)).toEqual([
      { ...data, parsed: { a: [1] } },
    ]);
    expect(await apply([{ serialize: { at: '', to: 'text', format: 'json', indent: 2 } }], { n: 1 })).toEqual(
      [{ n: 1, text: '{\n  "n": 1\n}' }],
    );
  });

  it('say which node it was, and why', async () => {
    expect(
      await failure([{ parse: { at: 'l.*.t', format: 'json' } }], { l: [{ t: '1' }, { t: 'x' }] }),
    ).toMatchObject({
      code: 'parse.failed',
      path: 'transformers[0].parse',
      message: expect.stringMatching(/^"l\.1\.t" cannot be parsed as json: Unexpected token/),
    });
    expect(await refusal('parse', 5, { format: 'json' })).toBe('"x" cannot be parsed as json: it is no text');
  });

  it('take the options of their format only', () => {
    expect(check([{ parse: { at: 'x', format: 'csv', delimiter: ';', header: false } }])).toEqual([]);
    expect(check([{ parse: { at: 'x', format: 'json', delimiter: ';', lists: ['a'] } }])).toEqual([
      'config.unknown_option 0/parse/delimiter The format json has no option "delimiter"',
      'config.unknown_option 0/parse/lists The format json has no option "lists"',
    ]);
    expect(check([{ parse: { at: 'x', format: 'xml', lists: ['a['] } }])).toEqual([
      expect.stringMatching(/^config.invalid_path 0\/parse\/lists\/0/),
    ]);
    expect(check([{ serialize: { at: 'x', format: 'yaml' } }])).toEqual([
      expect.stringMatching(/^config.invalid_value 0\/serialize\/format/),
    ]);
  });

  const texts = fc.string({ unit: 'binary-ascii' });
  const keys = fc
    .stringMatching(/^[a-z][a-z0-9_-]{0,8}$/)
    .filter((key) => key !== 'constructor' && key !== 'prototype');
  const cells = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\r', ''));
  /** A number beyond what a number holds exactly is read as text, so that no digit is lost. */
  const exact = (_: string, value: unknown) =>
    typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER ? 1 : value;
  const roundTrips: readonly (readonly [FormatName, fc.Arbitrary<Json>])[] = [
    ['json', fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value, exact)) as Json)],
    [
      'csv',
      fc
        .uniqueArray(keys, { minLength: 2, maxLength: 5 })
        .chain((names) =>
          fc
            .array(fc.tuple(...names.map(() => cells)), { minLength: 1 })
            .map((rows) =>
              rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? '']))),
            ),
        ),
    ],
    ['base64', texts],
    ['url', fc.dictionary(keys, fc.oneof(texts, fc.array(texts, { minLength: 2 })))],
    [
      'xml',
      fc
        .dictionary(
          keys,
          fc.oneof(
            xmlText(),
            fc.array(xmlText(), { minLength: 2 }),
            fc.dictionary(keys, xmlText(), { minKeys: 1 }),
          ),
          { minKeys: 1 },
        )
        .map((content) => ({ root: content })),
    ],
  ];
  it.each(roundTrips)('%s: what is written is read back', async (name, values) => {
    const format = await loadFormat(name)();
    fc.assert(
      fc.property(values, (value) => {
        expect(format.parse(format.serialize(value, {}), {})).toEqual(value);
      }),
      { numRuns: 200 },
    );
  });

  it.each(['json', 'csv', 'xml', 'base64', 'url'] as const)(
    '%s: any text is read, or refused with an error',
    async (name) => {
      const format = await loadFormat(name)();
      fc.assert(
        fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[<>&;"'a-c/! =\n,\\{}[\]-]*$/)), (text) => {
          try {
            format.parse(text, {});
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
            expect(error).not.toBeInstanceOf(RangeError);
          }
        }),
        { numRuns: 500 },
      );
    },
  );
});

/** Blanks around a text are left out, and an empty element is an empty text. */
function xmlText(): fc.Arbitrary<string> {
  return fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\p{Cc}\uFFFE\uFFFF]/gu, '').trim());
}

describe('JSON', () => {
  it('keeps the digits of whole numbers that a computer would round', async () => {
    const text = '[9007199254740991, 9007199254740993, -12345678901234567890, 1.5, 1e30, "9007199254740993"]';
    expect(await parse(text, { format: 'json' })).toEqual([
      9007199254740991,
      '9007199254740993',
      '-12345678901234567890',
      1.5,
      1e30,
      '9007199254740993',
    ]);
  });

  it.each([
    '{"a": {"__proto__": {"x": 1}}}',
    '{"constructor": 1}',
    '{"\\u005f_proto__": 1}',
    '[[{"prototype": 1}]]',
  ])('refuses keys that lead to a prototype: %s', async (text) => {
    expect(await refusal('parse', text, { format: 'json' })).toMatch(/" cannot be a key$/);
  });
});

describe('CSV', () => {
  it('is read with names from the first line, with names that are given, or without', async () => {
    const text = '\uFEFFa,b\r\n1,"x\r\ny"\r\n\r\n2,\r\n';
    expect(await parse(text, { format: 'csv' })).toEqual([
      { a: '1', b: 'x\r\ny' },
      { a: '2', b: '' },
    ]);
    expect(await parse('1;2\n', { format: 'csv', delimiter: ';', columns: ['a', 'b'] })).toEqual([
      { a: '1', b: '2' },
    ]);
    expect(await parse('1,2\n3\n', { format: 'csv', header: false })).toEqual([['1', '2'], ['3']]);
    expect(await parse('', { format: 'csv' })).toEqual([]);
    expect(await parse('a,b\n', { format: 'csv' })).toEqual([]);
  });

  it('is refused where it is not right', async () => {
    const why = async (text: string) => refusal('parse', text, { format: 'csv' });
    expect(await why('a,b\n1\n')).toBe(
      '"x" cannot be parsed as csv: record 1 has 1 cells, and there are 2 columns',
    );
    expect(await why('a,a\n1,2\n')).toMatch('two columns are called "a"');
    expect(await why('a,b\n1,"2\n')).toMatch(/Quote Not Closed/);
    expect(await why('__proto__,b\n1,2\n')).toMatch('"__proto__" cannot be a key');
  });

  it('is written with the columns that are wanted, names with dots too', async () => {
    expect(
      await serialize(
        [
          { 'a.b': 1, c: { d: [true] } },
          { c: null, e: 'x;y' },
        ],
        { format: 'csv', delimiter: ';' },
      ),
    ).toBe('a.b;c;e\n1;"{""d"":[true]}";\n;;"x;y"\n');
    expect(await serialize([[1, 2], ['a']], { format: 'csv' })).toBe('1,2\na\n');
    expect(await serialize({ a: 1 }, { format: 'csv', header: false })).toBe('1\n');
    expect(await refusal('serialize', ['a'], { format: 'csv' })).toMatch(
      'a record must be an object or a list',
    );
  });
});

describe('XML', () => {
  const xml = (text: string, options: JsonObject = {}) => parse(text, { format: 'xml', ...options });

  it('keeps texts as texts, namespaces, CDATA and entities', async () => {
    const text = `<?xml version="1.0"?><!-- c --><s:a xmlns:s="u" n='&quot;1&quot;'>
      <b>007</b><b/><c>&lt;&#65;&#x42;&amp;lt;<![CDATA[<&amp;>]]></c></s:a>`;
    expect(await xml(text)).toEqual({
      's:a': { '@xmlns:s': 'u', '@n': '"1"', b: ['007', ''], c: '<AB&lt;<&amp;>' },
    });
    expect(await xml('<a b="1">x</a>', { attributes: '$' })).toEqual({ a: { $b: '1', '#text': 'x' } });
  });

  it('makes lists of the elements that are named, also where there is one', async () => {
    const text = '<os><o><l>1</l></o></os>';
    expect(await xml(text, { lists: ['os.o', '*.*.l'] })).toEqual({ os: { o: [{ l: ['1'] }] } });
  });

  it.each([
    ['entities that grow', '<!DOCTYPE a [<!ENTITY b "bbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>', /DOCTYPE/],
    [
      'files',
      '<?xml version="1.0"?>\n<!-- x --><!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>',
      /DOCTYPE/,
    ],
    ['entities that it does not know', '<a>&f;</a>', /"&f;" is no entity of XML/],
    ['an ampersand alone', '<a>a & b</a>', /'&' is not expected/],
    ['elements that lead to a prototype', '<a><__proto__>1</__proto__></a>', /reserved|cannot be a key/],
    ['too deep a nesting', `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`, /nested/],
    ['two roots', '<a/><b/>', /one root element/],
    ['the same root twice', '<a/><a/>', /one root element/],
    ['text behind the root', '<a/>text', /does not end with a tag/],
    ['elements that are not closed', '<a><b></a>', /closing tag/],
    ['no XML at all', 'text', /does not end with a tag/],
  ])('refuses %s', async (_, text, why) => {
    expect(await refusal('parse', text, { format: 'xml' })).toMatch(why);
  });

  it('tells attributes from elements by what no name begins with', () => {
    const checked = (attributes: string) => check([{ parse: { at: 'x', format: 'xml', attributes } }]);
    for (const prefix of ['@', '$', '-', '@_']) expect(checked(prefix)).toEqual([]);
    for (const prefix of ['', '_', '__', 'a', '#']) expect(checked(prefix)).toHaveLength(1);
  });

  it('may hold the word in its text', async () => {
    expect(await xml('<a><![CDATA[<!DOCTYPE html>]]></a>')).toEqual({ a: '<!DOCTYPE html>' });
  });

  it('is written from objects, lists and attributes', async () => {
    const order = { '@id': 7, '@gone': null, line: [{ '@n': 1, '#text': 'a<b' }, 'c'], note: null, none: [] };
    expect(await serialize({ order }, { format: 'xml' })).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><order id="7"><line n="1">a&lt;b</line><line>c</line><note/></order>',
    );
    expect(await serialize({ a: { b: 'x' } }, { format: 'xml', declaration: false, indent: 2 })).toBe(
      '<a>\n  <b>x</b>\n</a>\n',
    );
  });

  it.each<[string, Json, RegExp]>([
    ['two roots', { a: 1, b: 2 }, /one root element/],
    ['a list as the root', { a: [1] }, /one root element/],
    ['a name that would be markup', { 'a><evil': 1 }, /cannot be a name/],
    ['an attribute that would be markup', { a: { '@x="1" y': 1 } }, /cannot be a name/],
    ['an attribute that is an object', { a: { '@x': {} } }, /must be a text/],
    ['a list in a list', { a: { b: [[1]] } }, /list in a list/],
    ['a character that XML has not', { a: 'x\u0000y' }, /character that XML cannot hold/],
  ])('cannot be written of %s', async (_, value, why) => {
    expect(await refusal('serialize', value, { format: 'xml' })).toMatch(why);
  });
});

describe('base64 and url', () => {
  it('read what others write', async () => {
    expect(await parse('R3LD\nvMOf\nZQ', { format: 'base64' })).toBe('Grüße');
    expect(await parse('8J-YgA', { format: 'base64' })).toBe('😀');
    expect(await parse('?a=1&b=%C3%BC&a=2&c', { format: 'url' })).toEqual({ a: ['1', '2'], b: 'ü', c: '' });
  });

  it('refuse what they cannot read or write', async () => {
    expect(await refusal('parse', 'R3=LD', { format: 'base64' })).toMatch('it is not base64');
    expect(await refusal('parse', 'abcde', { format: 'base64' })).toMatch('it is not base64');
    expect(await refusal('parse', '/w==', { format: 'base64' })).toMatch('no text in UTF-8');
    expect(await refusal('parse', '__proto__=1', { format: 'url' })).toMatch('cannot be a key');
    expect(await refusal('serialize', { a: 1 }, { format: 'base64' })).toMatch('serialize it as json first');
    expect(await refusal('serialize', 'text', { format: 'url' })).toMatch('only an object');
  });
});
