import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  checkHookAuthentication,
  checkOptions,
  compileHookAuthentication,
  HookAuthentication,
  type HookAuthenticationSettings,
  type HookRequest,
  Options,
} from '../../src/index.ts';
import { hookRequest } from '../../src/testing/index.ts';

/** As a component gets them: with defaults. */
function ready(settings: unknown): HookAuthenticationSettings {
  const schema = Options({ authentication: HookAuthentication });
  const checked = checkOptions(schema, { authentication: settings as never }, ({ message }) => {
    throw new Error(message);
  });
  return (checked as unknown as { authentication: HookAuthenticationSettings }).authentication;
}

function codeOf(settings: unknown, request: HookRequest): string {
  try {
    compileHookAuthentication(ready(settings))(request);
    return 'taken';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

function findings(settings: unknown): string[] {
  const found: string[] = [];
  checkHookAuthentication(settings === undefined ? undefined : ready(settings), ({ message }) => {
    found.push(message);
  });
  return found;
}

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const now = Date.parse('2026-01-02T03:04:05Z');
const seconds = String(now / 1000);
const hmac = (content: string, encoding: 'hex' | 'base64' = 'hex', key: string | Buffer = 's3cret') =>
  createHmac('sha256', key).update(content).digest(encoding);
const call = (headers: Record<string, string>, more: Partial<HookRequest> = {}) =>
  hookRequest({ ...more, headers, body: '{"a":1}' } as never);

describe('the authentication of a receiver', () => {
  it.each([
    [{ basic: { username: 'halo', password: 'p:w' } }, { authorization: basic('halo', 'p:w') }],
    [{ bearer: { token: 'tok' } }, { authorization: 'Bearer tok' }],
    [{ header: { name: 'X-Key', value: 'k' } }, { 'x-key': 'k' }],
  ])('%j takes who gives just that, and nobody else', (settings, headers) => {
    expect(codeOf(settings, call(headers))).toBe('taken');
    const [[name, value]] = Object.entries(headers) as [[string, string]];
    for (const wrong of ['', `${value}x`, value.slice(0, -3), value.toUpperCase()]) {
      expect(codeOf(settings, call({ [name]: wrong }))).toBe('hook.unauthorized');
    }
    expect(codeOf(settings, call({}))).toBe('hook.unauthorized');
  });

  it('lets anybody in only where none is written out, and is missing nowhere without a finding', () => {
    expect(codeOf('none', call({}))).toBe('taken');
    expect(findings('none')).toEqual([]);
    expect(findings(undefined)).toEqual([
      'The receiver asks for no secret: anybody who finds its address could send records',
    ]);
    expect(findings({})).toEqual(['No authentication is given']);
    expect(findings({ bearer: { token: 'a' }, header: { name: 'b', value: 'c' } })).toEqual([
      'Two are given: bearer, header',
    ]);
    expect(() => ready('maybe')).toThrow();
  });

  it.each([
    [
      'of GitHub',
      { header: 'X-Hub-Signature-256', prefix: 'sha256=' },
      { 'x-hub-signature-256': `sha256=${hmac('{"a":1}')}` },
    ],
    [
      'of Slack',
      {
        header: 'X-Slack-Signature',
        prefix: 'v0=',
        content: 'v0:{timestamp}:{body}',
        timestamp: { header: 'X-Time' },
      },
      { 'x-slack-signature': `v0=${hmac(`v0:${seconds}:{"a":1}`)}`, 'x-time': seconds },
    ],
    [
      'of Stripe, with the signature of an old secret beside it',
      {
        header: 'Stripe-Signature',
        part: 'v1',
        content: '{timestamp}.{body}',
        timestamp: { header: 'Stripe-Signature', part: 't' },
      },
      { 'stripe-signature': `t=${seconds},v1=${hmac('x')},v1=${hmac(`${seconds}.{"a":1}`)},v0=abc` },
    ],
    ['of Shopify', { header: 'X-Hmac', encoding: 'base64' }, { 'x-hmac': hmac('{"a":1}', 'base64') }],
    [
      'of Standard Webhooks',
      {
        header: 'webhook-signature',
        prefix: 'v1,',
        encoding: 'base64',
        secret: `whsec_${Buffer.from('raw key').toString('base64')}`,
        secretEncoding: 'base64',
        content: '{header:webhook-id}.{timestamp}.{body}',
        timestamp: { header: 'webhook-timestamp' },
      },
      {
        'webhook-id': 'msg_1',
        'webhook-timestamp': seconds,
        'webhook-signature': `v1,AAAA v1,${hmac(`msg_1.${seconds}.{"a":1}`, 'base64', Buffer.from('raw key'))}`,
      },
    ],
  ])('checks signatures as those %s', (_, options, headers) => {
    const settings = { signature: { secret: 's3cret', ...options } };
    expect(findings(settings)).toEqual([]);
    expect(codeOf(settings, call(headers as never))).toBe('taken');
    const forged = { ...call(headers as never), body: Buffer.from('{"a":2}') };
    expect(codeOf(settings, forged)).toBe('hook.unauthorized');
    expect(codeOf(settings, call({}))).toBe('hook.unauthorized');
  });

  it('refuses a good signature of another time, and knows a call that is sent again', () => {
    const signature = {
      secret: 's3cret',
      header: 'x-sign',
      content: '{timestamp}.{body}',
      timestamp: { header: 'x-time' },
      tolerance: '2m',
    };
    const at = (time: string, receivedAt: number) =>
      call({ 'x-sign': hmac(`${time}.{"a":1}`), 'x-time': time }, { receivedAt });
    const verdict = (time: string, receivedAt: number) => codeOf({ signature }, at(time, receivedAt));
    expect(verdict(seconds, now + 120_000)).toBe('taken');
    expect(verdict(seconds, now + 121_000)).toBe('hook.unauthorized');
    expect(verdict(seconds, now - 121_000)).toBe('hook.unauthorized');
    expect(verdict(String(now), now)).toBe('taken');
    expect(verdict('2026-01-02T03:04:05Z', now)).toBe('taken');
    expect(verdict('yesterday', now)).toBe('hook.unauthorized');
    const prove = compileHookAuthentication(ready({ signature }));
    const [first, again, other] = [
      at(seconds, now),
      at(seconds, now + 1),
      at(String(now / 1000 + 1), now),
    ].map((request) => prove(request).delivery);
    expect(first).toEqual({ id: expect.any(String), rememberMs: 240_000 });
    expect(again?.id).toBe(first?.id);
    expect(other?.id).not.toBe(first?.id);
  });

  it('finds signatures that prove too little', () => {
    const signed = (more: object) => findings({ signature: { secret: 's', header: 'x', ...more } });
    expect(signed({ content: '{timestamp}', timestamp: { header: 't' } })).toEqual([
      'The body is not signed: anybody could change it',
    ]);
    expect(signed({ content: '{timestamp}.{body}' })).toEqual(['There is no timestamp that could be signed']);
    expect(signed({ timestamp: { header: 't' } })).toEqual([
      'The timestamp is not signed: anybody could renew it',
    ]);
  });
});
