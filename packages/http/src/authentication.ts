import { Options, type Report, Secret } from '@millrace/core';
import type { HttpOptions } from '@millrace/core/http';
import { type Static, Type } from 'typebox';
import { OAuth2Options } from './oauth2.ts';

/** The option `authentication`: how a system knows who asks. */
export const Authentication = Options(
  {
    none: Type.Optional(Options({}, { description: 'Anybody may ask' })),
    basic: Type.Optional(
      Options(
        {
          username: Type.String({ minLength: 1, description: 'User name; must hold no colon' }),
          password: Secret({ description: 'Password; put it in the environment, not in the file' }),
        },
        { description: 'User name and password' },
      ),
    ),
    bearer: Type.Optional(
      Options(
        { token: Secret({ description: 'Token; put it in the environment, not in the file' }) },
        { description: 'A token that does not change' },
      ),
    ),
    header: Type.Optional(
      Options(
        {
          name: Type.String({
            pattern: "^[A-Za-z0-9!#$%&'*+.^_|~-]+$",
            description: 'Header that takes the key, such as X-Api-Key',
          }),
          value: Secret({ description: 'The key; put it in the environment, not in the file' }),
        },
        { description: 'A key in a header' },
      ),
    ),
    query: Type.Optional(
      Options(
        {
          parameter: Type.String({ minLength: 1, description: 'Query parameter that takes the key' }),
          value: Secret({ description: 'The key; put it in the environment, not in the file' }),
        },
        { description: 'A key in the query; it is shown nowhere' },
      ),
    ),
    oauth2: Type.Optional(OAuth2Options),
  },
  { description: 'Who asks: one of none, basic, bearer, header, query and oauth2. Default: none' },
);

export type AuthenticationSettings = Static<typeof Authentication>;

const WAYS = ['none', 'basic', 'bearer', 'header', 'query', 'oauth2'] as const;

export function checkAuthentication(authentication: AuthenticationSettings, report: Report): void {
  const given = WAYS.filter((way) => authentication[way] !== undefined);
  if (given.length !== 1) {
    const code = given.length === 0 ? 'config.missing_option' : 'config.invalid_value';
    const message =
      given.length === 0
        ? 'No authentication is given'
        : `Two authentications are given: ${given.join(', ')}`;
    const hint = `Give exactly one of ${WAYS.join(', ')}.`;
    report({ code, message, hint, path: ['authentication'], atKey: true });
  }
  if (authentication.basic?.username.includes(':')) {
    const message = 'A user name with a colon cannot be sent by basic authentication';
    report({ code: 'config.invalid_value', message, path: ['authentication', 'basic', 'username'] });
  }
}

/** What never changes: the headers and the part of the query that prove who asks. */
export function fixedCredentials({
  basic,
  bearer,
  header,
  query,
}: AuthenticationSettings): Pick<HttpOptions, 'authorize' | 'secretQuery'> {
  if (query) return { secretQuery: { [query.parameter]: query.value } };
  const headers = basic
    ? { authorization: `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}` }
    : bearer
      ? { authorization: `Bearer ${bearer.token}` }
      : header && { [header.name.toLowerCase()]: header.value };
  return headers ? { authorize: async () => headers } : {};
}
