import type { Json, JsonObject } from '@millrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Redactor, type RedactorOptions } from '../../src/testing/redactor.ts';

function redacted(value: Json, options?: RedactorOptions) {
  const redactor = new Redactor(options);
  redactor.learn(value);
  return redactor.redact(value);
}

describe('redacting', () => {
  it('replaces what fields say they hold, the same by the same, also inside of other texts', () => {
    const row = {
      id: 7,
      user_name: 'Ann Archer',
      client_name: 'Tern Ltd',
      useremail: 'Ann@Tern.example',
      contact: { phonenumber: '020 555 01', mobile: 31612345678 },
      details: 'Ann Archer (ann@tern.example) of TERN LTD called.',
      password: 'hunter22',
      status: 'Open',
      user_id: 12,
    };
    expect(redacted([row, { user_name: 'ann archer', other: 'hunter22', count: 31612345678 }])).toEqual([
      {
        id: 7,
        user_name: 'Name 1',
        client_name: 'Name 2',
        useremail: 'person-1@example.com',
        contact: { phonenumber: '+00000000001', mobile: 2 },
        details: 'Name 1 (person-1@example.com) of Name 2 called.',
        password: 'redacted-1',
        status: 'Open',
        user_id: 12,
      },
      { user_name: 'Name 1', other: 'redacted-1', count: 31612345678 },
    ]);
  });

  it('finds addresses, numbers and tokens by their form, wherever they stand', () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_123';
    expect(
      redacted({
        a: `mail j.doe+x@mail.example.org or call +31 (0)6 1234-5678`,
        b: [`Authorization: Bearer ${token}`],
        c: '2026-11-23T10:00:00',
        d: '192.168.10.20',
      }),
    ).toEqual({
      a: 'mail person-1@example.com or call +00000000001',
      b: ['Authorization: Bearer redacted-1'],
      c: '2026-11-23T10:00:00',
      d: '192.168.10.20',
    });
  });

  it('takes further fields and leaves others, by name or by the end of a path', () => {
    const row = {
      room: 'B12-cellar',
      site: { code: 'HQ-north' },
      client_name: 'Tern Ltd',
      note: 'B12-cellar, HQ-north',
    };
    expect(redacted(row, { fields: ['room', 'site.code'], keep: ['client_name'] })).toEqual({
      room: 'Name 1',
      site: { code: 'Name 2' },
      client_name: 'Tern Ltd',
      note: 'Name 1, Name 2',
    });
  });

  it('finds a value again whose letters change in number with their case', () => {
    expect(redacted({ api_key: 'İstanbul', text: 'in İstanbul, ſecret' })).toEqual({
      api_key: 'redacted-1',
      text: 'in redacted-1, ſecret',
    });
    expect(redacted({ api_key: 'secret', text: 'a ſecret' })).toEqual({
      api_key: 'redacted-1',
      text: 'a redacted',
    });
  });

  it('leaves nothing of a value that it was told of, and keeps the shape of everything', () => {
    const secret = fc
      .string({ minLength: 6, maxLength: 20, unit: 'grapheme' })
      .filter((text) => text.trim().length >= 6);
    const property = fc.property(
      secret,
      fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
      (value, other) => {
        const row = { api_key: value, text: `before ${value} behind`, list: [value, { x: value }], other };
        const mine = { ...(redacted(row) as JsonObject), other: null };
        expect(JSON.stringify(mine)).not.toContain(JSON.stringify(value.trim()).slice(1, -1));
        expect(mine).toMatchObject({
          text: expect.any(String),
          list: [expect.any(String), { x: expect.any(String) }],
        });
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});
