import { createHmac } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { MillraceError } from '../errors.ts';
import type { OptionPath, Report } from '../findings.ts';
import type { HookRequest } from '../receiver.ts';
import { Duration, milliseconds, Options, Secret } from '../schema.ts';
import { equalSecrets } from './equal-secrets.ts';
import type { HookProof } from './proof.ts';

const Part = Type.Optional(
  Type.String({
    pattern: '^[A-Za-z0-9_-]+$',
    description: 'Which part of a header such as "t=1700000000,v1=5257a8"; default: the whole header',
  }),
);
const HeaderName = (description: string) => Type.String({ minLength: 1, description });

export const HookSignature = Options(
  {
    secret: Secret({ description: 'What sender and receiver share; put it in the environment' }),
    secretEncoding: Type.Unsafe<'text' | 'base64'>({
      type: 'string',
      enum: ['text', 'base64'],
      default: 'text',
      description: 'base64: the secret is bytes, written in base64 (a leading "whsec_" is left out)',
    }),
    header: HeaderName('Header that holds the signature, such as X-Hub-Signature-256'),
    part: Part,
    prefix: Type.String({ default: '', description: 'What stands before the signature, such as "sha256="' }),
    algorithm: Type.Unsafe<'sha256' | 'sha512'>({
      type: 'string',
      enum: ['sha256', 'sha512'],
      default: 'sha256',
      description: 'Hash of the HMAC',
    }),
    encoding: Type.Unsafe<'hex' | 'base64'>({
      type: 'string',
      enum: ['hex', 'base64'],
      default: 'hex',
      description: 'How the signature is written',
    }),
    content: Type.String({
      default: '{body}',
      description: 'What is signed: {body}, {timestamp}, {header:NAME}, such as "{timestamp}.{body}"',
    }),
    timestamp: Type.Optional(
      Options(
        {
          header: HeaderName('Header that holds the time: Unix seconds, milliseconds or ISO 8601'),
          part: Part,
        },
        { description: 'When it was sent; must be signed, so that nobody can send it again later' },
      ),
    ),
    tolerance: Duration({ default: '5m', description: 'How far the timestamp may be from our clock' }),
  },
  { description: 'The sender signs each call (HMAC)' },
);

export type HookSignatureSettings = Static<typeof HookSignature>;

const PLACEHOLDER = /\{(body|timestamp|header:[A-Za-z0-9!#$%&'*+.^_|~-]+)\}/;

export function checkHookSignature(
  { content, timestamp }: HookSignatureSettings,
  report: Report,
  path: OptionPath,
): void {
  const say = (message: string, hint: string, ...at: string[]) =>
    report({ code: 'config.invalid_value', message, hint, path: [...path, ...at] });
  if (!content.includes('{body}'))
    say('The body is not signed: anybody could change it', 'Name {body} in it.', 'content');
  if (content.includes('{timestamp}') && !timestamp)
    say('There is no timestamp that could be signed', 'Say in "timestamp" which header holds it.');
  if (timestamp && !content.includes('{timestamp}'))
    say(
      'The timestamp is not signed: anybody could renew it',
      'Name {timestamp} in "content", as the sender signs it; or take "timestamp" out.',
      'timestamp',
    );
}

/** Compiles the check of a signature. What it makes throws `hook.unauthorized`. */
export function compileHookSignature(settings: HookSignatureSettings): (request: HookRequest) => HookProof {
  const { algorithm, encoding, prefix, timestamp } = settings;
  const key =
    settings.secretEncoding === 'base64'
      ? Buffer.from(settings.secret.replace(/^whsec_/, ''), 'base64')
      : Buffer.from(settings.secret, 'utf8');
  const pieces = settings.content.split(PLACEHOLDER);
  const toleranceMs = milliseconds(settings.tolerance);
  return (request) => {
    const time = timestamp && partsOf(request, timestamp)[0];
    const hmac = createHmac(algorithm, key);
    for (const [index, piece] of pieces.entries())
      hmac.update(index % 2 === 0 ? piece : signed(piece, request, time));
    const wanted = hmac.digest(encoding);
    const given = partsOf(request, settings)
      .filter((one) => one.startsWith(prefix))
      .map((one) => normal(one.slice(prefix.length), encoding));
    if (!given.some((one) => equalSecrets(one, wanted)))
      throw new MillraceError('hook.unauthorized', 'The signature is missing or wrong');
    if (!timestamp) return {};
    const sentAt = timeOf(time ?? '');
    if (sentAt === undefined || Math.abs(request.receivedAt - sentAt) > toleranceMs)
      throw new MillraceError('hook.unauthorized', 'The call was signed too long ago, or in the future');
    return { delivery: { id: wanted, rememberMs: 2 * toleranceMs } };
  };
}

function signed(name: string, request: HookRequest, time: string | undefined): string | Uint8Array {
  if (name === 'body') return request.body;
  if (name === 'timestamp') return time ?? '';
  return request.headers[name.slice('header:'.length).toLowerCase()] ?? '';
}

/** The values that a header holds: those of a part, or what stands between its spaces. */
function partsOf(
  { headers }: HookRequest,
  { header, part }: { readonly header: string; readonly part?: string | undefined },
): readonly string[] {
  const text = headers[header.toLowerCase()] ?? '';
  if (part === undefined) return text.split(/\s+/).filter((one) => one !== '');
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one.startsWith(`${part}=`))
    .map((one) => one.slice(part.length + 1));
}

function normal(signature: string, encoding: 'hex' | 'base64'): string {
  return encoding === 'hex' ? signature.toLowerCase() : signature;
}

/** Milliseconds since the epoch of Unix seconds, milliseconds or ISO 8601. */
function timeOf(text: string): number | undefined {
  if (/^\d{1,11}(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  const time = /^\d{12,14}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
