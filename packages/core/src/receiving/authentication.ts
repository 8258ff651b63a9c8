import { type Static, Type } from 'typebox';
import { MillraceError } from '../errors.ts';
import type { Report } from '../findings.ts';
import type { HookRequest } from '../receiver.ts';
import { Options, Secret } from '../schema.ts';
import { equalSecrets } from './equal-secrets.ts';
import type { HookProof } from './proof.ts';
import { checkHookSignature, compileHookSignature, HookSignature } from './signature.ts';

const Basic = Options(
  {
    username: Type.String({ minLength: 1, description: 'User name; must hold no colon' }),
    password: Secret({ description: 'Password; put it in the environment, not in the file' }),
  },
  { description: 'The sender gives a user name and a password' },
);
const Bearer = Options(
  { token: Secret({ description: 'Token; put it in the environment, not in the file' }) },
  { description: 'The sender gives a token: Authorization: Bearer TOKEN' },
);
const Header = Options(
  {
    name: Type.String({
      pattern: "^[A-Za-z0-9!#$%&'*+.^_|~-]+$",
      description: 'Header that holds the secret, such as X-Api-Key',
    }),
    value: Secret({ description: 'The secret; put it in the environment, not in the file' }),
  },
  { description: 'The sender gives a secret in a header' },
);

const WAYS = { basic: Basic, bearer: Bearer, header: Header, signature: HookSignature };

type Ways = { readonly [Way in keyof typeof WAYS]?: Static<(typeof WAYS)[Way]> };
/** `none`, or exactly one way to prove who sends. */
export type HookAuthenticationSettings = 'none' | Ways;

/**
 * The option `authentication` of a receiver: how the sender proves who it is. Make it optional in the schema and call
 * {@link checkHookAuthentication}: that it is missing is said there, with what it means.
 */
export const HookAuthentication = Type.Unsafe<HookAuthenticationSettings>({
  type: ['object', 'string'],
  pattern: '^none$',
  additionalProperties: false,
  properties: WAYS,
  description:
    'How the sender proves who it is: one of basic, bearer, header and signature; or none, written out, where anybody may send',
});

/** Says what is wrong with the option, also that it is missing: nobody is to be let in by an oversight. */
export function checkHookAuthentication(
  settings: HookAuthenticationSettings | undefined,
  report: Report,
): void {
  const path = ['authentication'];
  const ways = Object.keys(WAYS);
  const hint = `Give one of ${ways.join(', ')}; or write authentication: none.`;
  if (settings === undefined) {
    const message = 'The receiver asks for no secret: anybody who finds its address could send records';
    report({ code: 'config.missing_option', message, hint, path: [] });
    return;
  }
  if (settings === 'none') return;
  const given = ways.filter((way) => settings[way as keyof Ways] !== undefined);
  if (given.length !== 1) {
    const code = given.length === 0 ? 'config.missing_option' : 'config.invalid_value';
    const what = given.length === 0 ? 'No authentication is given' : `Two are given: ${given.join(', ')}`;
    report({ code, message: what, hint, path, atKey: true });
  }
  if (settings.basic?.username.includes(':')) {
    const message = 'A user name with a colon cannot be sent by basic authentication';
    report({ code: 'config.invalid_value', message, path: [...path, 'basic', 'username'] });
  }
  if (settings.signature) checkHookSignature(settings.signature, report, [...path, 'signature']);
}

/** Compiles the check of the sender. What it makes throws `hook.unauthorized`, and compares in constant time. */
export function compileHookAuthentication(
  settings: HookAuthenticationSettings,
): (request: HookRequest) => HookProof {
  if (settings === 'none') return () => ({});
  const { basic, bearer, header, signature } = settings;
  if (signature) return compileHookSignature(signature);
  if (basic) {
    const wanted = unpadded(Buffer.from(`${basic.username}:${basic.password}`).toString('base64'));
    return ({ headers }) => {
      const [, given] = /^basic +(\S+)$/i.exec(headers['authorization'] ?? '') ?? [];
      return demand(given === undefined ? given : unpadded(given), wanted);
    };
  }
  if (bearer) {
    return ({ headers }) =>
      demand(/^bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1], bearer.token);
  }
  if (header) return ({ headers }) => demand(headers[header.name.toLowerCase()], header.value);
  throw new MillraceError('config.missing_option', 'The receiver has no authentication');
}

/** Not every sender fills the last characters up. */
function unpadded(base64: string): string {
  return base64.replace(/=+$/, '');
}

function demand(given: string | undefined, wanted: string): HookProof {
  // Compared also where nothing was given: the time tells nothing.
  const equal = equalSecrets(given ?? '', wanted);
  if (given === undefined || !equal)
    throw new MillraceError('hook.unauthorized', 'The secret is missing or wrong');
  return {};
}
