import { MillraceError } from '../errors.ts';
import { FORBIDDEN_KEYS, type Json } from '../json.ts';
import { parseJson } from '../parse-json.ts';
import type { HookRequest } from '../receiver.ts';
import { nestingOf } from './nesting.ts';

const MOST_LEVELS = 200;

/** How a body is written. */
export type HookFormat = 'json' | 'form';

const TYPES: Readonly<Record<HookFormat, RegExp>> = {
  json: /^(?:application|text)\/(?:[\w.+-]+\+)?json$/,
  form: /^application\/x-www-form-urlencoded$/,
};

/**
 * Reads the body of a webhook: JSON, or the fields of a form as an object of texts. Throws `hook.unsupported_type` and
 * `hook.unreadable`; nothing of the body stands in their messages.
 */
export function readHookBody(request: HookRequest, format: HookFormat = 'json'): Json {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  if (!TYPES[format].test(type.trim().toLowerCase())) {
    const wanted = format === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
    throw new MillraceError('hook.unsupported_type', `The body must be of the type ${wanted}`);
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw new MillraceError('hook.unsupported_type', 'The body must not be compressed');
  const text = decode(request.body);
  return format === 'json' ? json(text) : form(text);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new MillraceError('hook.unreadable', 'The body is not UTF-8', { cause });
  }
}

function json(text: string): Json {
  if (text.trim() === '') throw new MillraceError('hook.unreadable', 'The body is empty');
  // What walks through records calls itself for each level: a body of a stranger must not use up the stack.
  if (nestingOf(text) > MOST_LEVELS)
    throw new MillraceError('hook.unreadable', `The body must not nest deeper than ${MOST_LEVELS} levels`);
  try {
    return parseJson(text);
  } catch {
    // What the parser says may quote the body, and what it quotes may be a secret.
    throw new MillraceError('hook.unreadable', 'The body is not valid JSON');
  }
}

/** Of a field that stands there several times, a list. */
function form(text: string): Json {
  const fields = new URLSearchParams(text);
  const names = [...new Set(fields.keys())].filter((name) => !FORBIDDEN_KEYS.has(name));
  return Object.fromEntries(
    names.map((name) => {
      const values = fields.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}
