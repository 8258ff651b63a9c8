import { MillraceError } from '../errors.ts';
import type { BodyStream, HttpRequest } from '../exchange.ts';
import type { Json } from '../json.ts';
import { parseJson } from '../parse-json.ts';

/** The text that is sent; undefined where there is none. */
export function bodyOf({ json, form, text }: HttpRequest): string | undefined {
  if (form) return new URLSearchParams(form).toString();
  return text ?? (json === undefined ? undefined : JSON.stringify(json));
}

/** The header that says what is sent. */
export function typeOf({ json, form, text, stream }: HttpRequest): Readonly<Record<string, string>> {
  if (stream) return { 'content-type': stream.type, 'content-length': String(stream.length) };
  if (form) return { 'content-type': 'application/x-www-form-urlencoded' };
  if (text !== undefined) return { 'content-type': 'text/plain; charset=utf-8' };
  return json === undefined ? {} : { 'content-type': 'application/json' };
}

/** The bytes of a stream; breaks where they are others in number than was announced, so that nobody waits for the rest. */
export async function* exactly(stream: BodyStream): AsyncGenerator<Uint8Array> {
  const { length } = stream;
  let sent = 0;
  for await (const chunk of stream.chunks()) {
    sent += chunk.byteLength;
    if (sent <= length) yield chunk;
  }
  if (sent !== length)
    throw new MillraceError(
      'client.interrupted',
      `The body has ${sent} bytes where ${length} were announced`,
    );
}

interface AnswerText {
  readonly body: string;
  readonly statusCode: number;
  readonly headers: { readonly 'content-type'?: string | undefined };
}

/** JSON where the answer says so or looks so; else its text. */
export function parseBody(response: AnswerText, what: string): Json | undefined | MillraceError {
  const text = response.body;
  if (text === '') return undefined;
  const type = response.headers['content-type'] ?? '';
  const json = type.includes('json') || (type === '' && /^\s*[[{"]/.test(text));
  if (!json) return text;
  try {
    return parseJson(text);
  } catch (cause) {
    const message = `${what} answered ${response.statusCode} with JSON that cannot be read`;
    return new MillraceError('client.unreadable', message, { status: response.statusCode, cause });
  }
}
