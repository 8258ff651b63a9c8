import { createHmac } from 'node:crypto';
import type { HookRequest, Json, JsonObject, Receiver } from '@millrace/core';
import { checkOptions } from '@millrace/core';
import { CANARY, hookRequest, receiverSuite, testDependencies, testRun } from '@millrace/core/testing';
import { describe, expect, it } from 'vitest';
import http from '../src/index.ts';

const component = http.components['http.webhook'] as NonNullable<(typeof http.components)[string]>;
const header = { name: 'X-Key', value: CANARY };
const keyed = (body: unknown, more: Record<string, string> = {}) =>
  hookRequest({ headers: { 'x-key': CANARY, ...more }, body });

describe('http.webhook', () => {
  receiverSuite({
    component,
    async arrange() {
      return {
        options: { authentication: { header }, items: 'data.things', delivery: { header: 'x-id' } },
        unprotected: { items: 'data.things' },
        requests: [
          keyed({ data: { things: [{ id: 1 }, { id: 2 }] } }, { 'x-id': 'a' }),
          keyed({ data: { things: { id: 3 } } }, { 'x-id': 'b' }),
          keyed({ data: { things: [] } }, { 'x-id': 'c' }),
        ],
        expected: [[{ id: 1 }, { id: 2 }], [{ id: 3 }], []],
        forged: [
          hookRequest({ body: { data: { things: [] } } }),
          hookRequest({ headers: { 'x-key': 'guess' }, body: '{' }),
        ],
        unreadable: keyed('{"data":'),
      };
    },
  });
});

describe('http.webhook with a signature', () => {
  const sign = (body: string) => createHmac('sha256', CANARY).update(`1767323045.${body}`).digest('hex');
  const call = (body: string, signature = sign(body)) =>
    hookRequest({ headers: { 'x-signature': signature, 'x-time': '1767323045' }, body });
  receiverSuite({
    component,
    async arrange() {
      const signature = {
        secret: CANARY,
        header: 'X-Signature',
        content: '{timestamp}.{body}',
        timestamp: { header: 'X-Time' },
      };
      return {
        options: { authentication: { signature } },
        unprotected: {},
        requests: [call('{"id":1}'), call('[{"id":2}]')],
        expected: [[{ id: 1 }], [{ id: 2 }]],
        forged: [call('{"id":2}', sign('{"id":1}')), hookRequest({ body: '{"id":1}' })],
        unreadable: call('[1'),
      };
    },
  });
});

function receiver(options: JsonObject): Receiver {
  const ready = checkOptions(component.options, { authentication: 'none', ...options }, ({ message }) => {
    throw new Error(message);
  });
  return (component.create as (...given: unknown[]) => Receiver)(ready, testDependencies('incoming'));
}

async function received(options: JsonObject, request: HookRequest) {
  return receiver(options).receive(request, testRun());
}

const refusal = (options: JsonObject, request: HookRequest) =>
  received(options, request).then(
    () => 'taken',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );

describe('a body that http.webhook is sent', () => {
  it('may be one record, or a list; ids where the options point at them; numbers to their last digit', async () => {
    const records = async (body: unknown, options: JsonObject = {}) =>
      (await received(options, hookRequest({ body }))).entities;
    expect(await records({ id: 1 })).toEqual([{ id: 1 }]);
    expect(await records([{ id: 1 }, { id: 2 }])).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await records({ ids: [7, 'a'] }, { items: 'ids' })).toEqual([{ value: 7 }, { value: 'a' }]);
    expect(await records('{"id": 12345678901234567890}')).toEqual([{ id: '12345678901234567890' }]);
  });

  it.each([
    ['[1, 2]', {}],
    ['"text"', {}],
    ['null', {}],
    ['{"a": 1}', { items: 'things' }],
    ['[{"id": 1}, null]', {}],
  ])('%s is refused where it holds something else than records, with %j', async (body, options) => {
    expect(await refusal(options, hookRequest({ body }))).toMatch(/^hook.unreadable: /);
  });

  it('may be a form, and nothing that its type does not say', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const body = 'text=a+b&to=1&to=2&__proto__=x';
    const { entities } = await received({ format: 'form' }, hookRequest({ headers: form, body }));
    expect(entities).toEqual([{ text: 'a b', to: ['1', '2'] }]);
    expect(await refusal({}, hookRequest({ headers: form, body }))).toBe(
      'hook.unsupported_type: The body must be of the type application/json',
    );
    for (const type of ['', 'text/plain', 'application/jsonp']) {
      const request = hookRequest({ headers: { 'content-type': type }, body: '{}' });
      expect(await refusal({}, request)).toMatch(/^hook.unsupported_type/);
    }
    const packed = hookRequest({ headers: { 'content-encoding': 'gzip' }, body: '{}' });
    expect(await refusal({}, packed)).toBe('hook.unsupported_type: The body must not be compressed');
    const own = hookRequest({ headers: { 'content-type': 'application/vnd.github+json' }, body: '{}' });
    expect(await refusal({}, own)).toBe('taken');
  });

  it('is refused where it nests too deep, whatever stands in its texts', async () => {
    const nested = (levels: number) => `{"text": "[[[\\"{", "a": ${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(await refusal({}, hookRequest({ body: nested(199) }))).toBe('taken');
    expect(await refusal({}, hookRequest({ body: nested(200) }))).toBe(
      'hook.unreadable: The body must not nest deeper than 200 levels',
    );
    expect(await refusal({}, hookRequest({ body: nested(100_000) }))).toMatch(/^hook.unreadable/);
  });

  it('is never quoted by a refusal', async () => {
    for (const body of ['{"password": hunter2}', '', '\u0000hunter2'])
      expect(await refusal({}, hookRequest({ body }))).not.toContain('hunter2');
    const bytes = { ...hookRequest({}), body: Uint8Array.of(0xff, 0xfe) };
    expect(await refusal({}, bytes)).toBe('hook.unreadable: The body is not UTF-8');
  });

  it('gives records what headers say', async () => {
    const request = hookRequest({ headers: { 'x-github-event': 'push' }, body: [{ id: 1 }] });
    const headers = { event: 'X-GitHub-Event', other: 'X-Other' };
    expect((await received({ headers }, request)).entities).toEqual([{ id: 1, event: 'push', other: null }]);
  });

  it('is known by a header, a place in it, or itself', async () => {
    const idOf = async (delivery: JsonObject, body: Json, headers: Record<string, string> = {}) =>
      (await received({ delivery }, hookRequest({ headers, body }))).delivery;
    expect(await idOf({ header: 'X-Id' }, {}, { 'x-id': 'a' })).toEqual({ id: 'a', rememberMs: 86_400_000 });
    expect(await idOf({ header: 'X-Id' }, {})).toBeUndefined();
    expect(await idOf({ path: 'event.id', remember: '1h' }, { event: { id: 5 } })).toEqual({
      id: '5',
      rememberMs: 3_600_000,
    });
    const [one, same, other] = [
      await idOf({ body: true }, { a: 1 }),
      await idOf({ body: true }, { a: 1 }),
      await idOf({ body: true }, { a: 2 }),
    ];
    expect([one?.id === same?.id, one?.id === other?.id]).toEqual([true, false]);
  });
});
