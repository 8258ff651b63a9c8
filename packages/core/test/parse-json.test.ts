import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../src/parse-json.ts';

describe('JSON with long numbers', () => {
  it.each<[string, unknown]>([
    ['{"id":12345678901234567890}', { id: '12345678901234567890' }],
    ['{"id": -12345678901234567890}', { id: '-12345678901234567890' }],
    [
      '[9007199254740991,9007199254740992,-9007199254740993]',
      [9007199254740991, '9007199254740992', '-9007199254740993'],
    ],
    ['12345678901234567890', '12345678901234567890'],
    ['{"amount":12345678901234567.25}', { amount: '12345678901234567.25' }],
    ['{"id":"12345678901234567890"}', { id: '12345678901234567890' }],
    [
      '{"latitude":52.370216000000001,"far":1e20,"tiny":0.00000000000000012345}',
      { latitude: 52.370216, far: 1e20, tiny: 1.2345e-16 },
    ],
    ['{"text":"number 12345678901234567890","n":1}', { text: 'number 12345678901234567890', n: 1 }],
    ['[100000000000000000000]', ['100000000000000000000']],
    [' {"a" :\n12345678901234567890 } ', { a: '12345678901234567890' }],
  ])('%s is %j', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it('loses no digit of a whole number, wherever it stands', () => {
    const whole = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(whole, fc.string(), fc.integer()), { maxLength: 6 }),
        fc.string(),
        (members, pad) => {
          const write = (one: unknown) => (typeof one === 'bigint' ? String(one) : JSON.stringify(one));
          const text = `{${JSON.stringify(pad)}:[${members.map(write).join(',')}]}`;
          const [read] = Object.values(parseJson(text) as Record<string, unknown[]>);
          expect(read?.map((one) => String(one))).toEqual(members.map(String));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('reads everything else as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('', '\n'), (text, blank) => {
        const pretty = JSON.stringify(JSON.parse(text), null, blank === '' ? 0 : 2);
        const long = /(?:^|[^.\de"])-?\d{16}/.test(pretty);
        fc.pre(!long);
        expect(parseJson(pretty)).toEqual(JSON.parse(pretty));
      }),
      { numRuns: 1000 },
    );
  });

  it('fails as JSON.parse does', () => {
    expect(() => parseJson('{"id":12345678901234567890')).toThrow(SyntaxError);
    expect(() => parseJson('')).toThrow(SyntaxError);
  });

  it('makes no prototype of a key', () => {
    const value = parseJson('{"__proto__":{"id":12345678901234567890}}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value as object)).toEqual(['__proto__']);
  });
});
