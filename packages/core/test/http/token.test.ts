import { describe, expect, it, onTestFinished } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { createHttp, failedOutcome, TokenSource, type TokenSourceOptions } from '../../src/http/index.ts';
import type { JsonObject } from '../../src/json.ts';
import { serve } from '../../src/testing/index.ts';

type Answer = { readonly status?: number; readonly body: JsonObject };

/** A token endpoint that gives these answers one after the other, the last one for ever. */
async function endpoint(answers: readonly Answer[], options: Partial<TokenSourceOptions> = {}) {
  const forms: Record<string, string>[] = [];
  const url = await serve((_, response, body) => {
    const { status = 200, body: answer } = answers[Math.min(forms.length, answers.length - 1)] ?? {
      body: {},
    };
    forms.push(Object.fromEntries(new URLSearchParams(body)));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  const http = createHttp({ baseUrl: url, retry: { attempts: 1 } });
  const tokens = new TokenSource({
    http,
    request: { form: { grant_type: 'client_credentials' } },
    hint: 'Look at the address.',
    ...options,
  });
  onTestFinished(() => {
    tokens.close();
    http.close();
  });
  return { tokens, forms };
}

const refresh = (refreshToken: string) => ({
  form: { grant_type: 'refresh_token', refresh_token: refreshToken },
});
const refused = { status: 400, body: { error: 'invalid_grant' } };

describe('a token', () => {
  it('is asked for once, however many want it', async () => {
    const { tokens, forms } = await endpoint([{ body: { access_token: 'a', expires_in: 3600 } }]);
    expect(await Promise.all([tokens.get(), tokens.get(), tokens.get()])).toEqual(['a', 'a', 'a']);
    expect(await tokens.get()).toBe('a');
    expect(forms).toEqual([{ grant_type: 'client_credentials' }]);
  });

  it('is asked for again before it ends, and once after it was refused', async () => {
    const { tokens, forms } = await endpoint([
      { body: { access_token: 'short', expires_in: 0.001 } },
      { body: { access_token: 'a', expires_in: 3600 } },
      { body: { access_token: 'b', expires_in: 3600 } },
    ]);
    expect(await tokens.get()).toBe('short');
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await tokens.get()).toBe('a');
    tokens.refused('short');
    expect(await tokens.get()).toBe('a');
    tokens.refused('a');
    expect(await tokens.get()).toBe('b');
    expect(forms).toHaveLength(3);
  });

  it('is renewed by the refresh token of the last answer that had one', async () => {
    const { tokens, forms } = await endpoint(
      [
        { body: { access_token: 'a', refresh_token: 'r1' } },
        { body: { access_token: 'b' } },
        { body: { access_token: 'c', refresh_token: 'r2' } },
        { body: { access_token: 'd' } },
      ],
      { refresh },
    );
    for (const expected of ['a', 'b', 'c', 'd']) {
      expect(await tokens.get()).toBe(expected);
      tokens.refused(expected);
    }
    expect(forms.map((form) => form['refresh_token'])).toEqual([undefined, 'r1', 'r1', 'r2']);
  });

  it('is asked for anew where the refresh token is refused, and not where the endpoint only fails', async () => {
    const { tokens, forms } = await endpoint(
      [
        { body: { access_token: 'a', refresh_token: 'r1' } },
        { status: 500, body: {} },
        refused,
        { body: { access_token: 'b' } },
      ],
      { refresh },
    );
    expect(await tokens.get()).toBe('a');
    tokens.refused('a');
    await expect(tokens.get()).rejects.toMatchObject({ code: 'client.unavailable' });
    expect(await tokens.get()).toBe('b');
    expect(forms.map((form) => form['grant_type'])).toEqual([
      'client_credentials',
      'refresh_token',
      'refresh_token',
      'client_credentials',
    ]);
  });

  it('is asked for as often as it may be where the endpoint fails in passing', async () => {
    const { tokens, forms } = await endpoint([{ status: 503, body: {} }, { body: { access_token: 'a' } }], {
      attempts: 2,
    });
    expect(await tokens.get()).toBe('a');
    expect(forms).toHaveLength(2);
  });

  it('that cannot be had leaves the delivery for later: nothing was sent', async () => {
    const { tokens } = await endpoint([{ status: 500, body: {} }]);
    const error = await tokens.get().catch((thrown: unknown) => thrown);
    expect(failedOutcome(error, 'POST')).toMatchObject({ status: 'retry' });
  });

  it('that is refused fails the delivery in words of the configuration', async () => {
    const explain = (cause: MillraceError) =>
      new MillraceError('client.unauthorized', 'wrong', { status: 400, cause });
    const { tokens } = await endpoint([refused], { explain });
    const error = await tokens.get().catch((thrown: unknown) => thrown);
    expect(failedOutcome(error, 'POST')).toMatchObject({ status: 'failed', error: { message: 'wrong' } });
  });

  it('is missed where the endpoint answers without one', async () => {
    const { tokens } = await endpoint([{ body: { token: 'a' } }]);
    await expect(tokens.get()).rejects.toMatchObject({
      code: 'client.protocol',
      hint: 'Look at the address.',
    });
  });
});
