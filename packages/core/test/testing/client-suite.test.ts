import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/contracts.ts';
import type { Component } from '../../src/define.ts';
import { MillraceError } from '../../src/errors.ts';
import { clientChecks, unusedUrl } from '../../src/testing/index.ts';
import { type Mutation, notesClient } from './notes-components.ts';
import { NotesSystem, TOKEN } from './notes-system.ts';
import { nothing, said, verdict } from './verdict.ts';

async function clientSubject(component: Component) {
  const { url } = await NotesSystem.start(0);
  const token = TOKEN;
  const unreachable = { url: await unusedUrl(), token };
  const arrange = async () => ({
    options: { url, token },
    refused: { url, token: 'secret/wrong' },
    unreachable,
  });
  return clientChecks({ component, arrange });
}

it('the client suite passes what is right, and tries all of it', async () => {
  expect(await verdict(await clientSubject(notesClient()))).toEqual(nothing);
});

describe('the client suite finds a client', () => {
  const wrong: [string, string, Mutation<Client>][] = [
    [
      'that asks nobody',
      'rejects a ping with a client error, and',
      (right) => ({ ...right, ping: async () => {} }),
    ],
    [
      'whose errors are not typed',
      'rejects a ping with a client error when',
      (right) => ({
        ...right,
        ping: (signal) =>
          right.ping(signal).catch(() => {
            throw new Error('bad');
          }),
      }),
    ],
    [
      'that shows its token in an error, deep down',
      'rejects a ping with a client error, and',
      (right, { token }) => ({
        ...right,
        ping: (signal) =>
          right.ping(signal).catch((error: MillraceError) => {
            const cause = Object.assign(new Error('x'), { request: { headers: [`Bearer ${token}`] } });
            throw new MillraceError(error.code, 'refused', { cause });
          }),
      }),
    ],
    [
      'that ignores an abort',
      'gives up a ping',
      (right) => ({ ...right, ping: () => right.ping(AbortSignal.timeout(9e6)) }),
    ],
    [
      'that cannot be closed unused',
      'closes, whether',
      (right) => {
        let used = false;
        return {
          ping: (signal) => {
            used = true;
            return right.ping(signal);
          },
          close: async () => {
            if (!used) throw new Error('never opened');
          },
        };
      },
    ],
  ];

  it.each(wrong)('%s', async (_, check, mutate) => {
    expect(await said(await clientSubject(notesClient(mutate)), check)).not.toContain(TOKEN);
  });

  it('that keeps the transport of a test for itself', async () => {
    const checks = await clientSubject(notesClient(undefined, false));
    expect(await said(checks, 'sends nothing of its own')).toContain('hand `transport` to createHttp');
  });

  it('with a secret that was never tried with a wrong one', async () => {
    const { url } = await NotesSystem.start(0);
    const arrange = async () => ({ options: { url, token: TOKEN } });
    const checks = clientChecks({ component: notesClient(), arrange });
    expect(await said(checks, 'rejects a ping with a client error, and')).toContain('must be tried');
  });
});
