import { type ErrorCode, type HookAnswer, type Json, MillraceError } from '@millrace/core';
import type { HookResult } from './hook-lane.ts';

/** An answer to a webhook, ready to be sent. */
export interface HookReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A text is plain text, anything else JSON. */
  readonly body: Json;
  /** For the metrics: `stored`, `repeated`, `empty`, or the code of a refusal. */
  readonly outcome: string;
  readonly records: number;
}

const STATUSES: Partial<Record<ErrorCode, number>> = {
  'hook.unknown': 404,
  'hook.method': 405,
  'hook.unauthorized': 401,
  'hook.too_large': 413,
  'hook.unsupported_type': 415,
  'hook.unreadable': 400,
  'hook.busy': 503,
  'hook.failed': 500,
};

/** What the sender of a webhook that was taken is told. */
export function accepted({ outcome, records, answer }: HookResult): HookReply {
  const { status = 200, headers = {}, body } = answer ?? {};
  const told = { received: records, ...(outcome === 'repeated' && { repeated: true }) };
  const isGood = Number.isInteger(status) && status >= 200 && status <= 299;
  return { status: isGood ? status : 200, headers: own(headers), body: body ?? told, outcome, records };
}

/** What a receiver may not say in our name. */
const OURS = new Set(['connection', 'content-length', 'transfer-encoding', 'content-type', 'set-cookie']);

function own(headers: NonNullable<HookAnswer['headers']>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OURS.has(name.toLowerCase())));
}

/** What the sender of a webhook that was refused is told: the code and one sentence, nothing of what lies behind. */
export function refused(error: unknown, methods: readonly string[] = []): HookReply {
  const known = error instanceof MillraceError ? STATUSES[error.code] : undefined;
  const refusal =
    error instanceof MillraceError && known !== undefined
      ? error
      : new MillraceError('hook.failed', 'It could not be taken; send it again later');
  const { code, message } = refusal;
  const retryAfter = Math.ceil((refusal.retryAfter ?? 0) / 1000);
  return {
    status: known ?? 500,
    headers: {
      ...(code === 'hook.method' && { allow: methods.join(', ') }),
      // Some senders give their credentials only where they are asked for them.
      ...(code === 'hook.unauthorized' && { 'www-authenticate': 'Basic realm="webhooks"' }),
      ...(retryAfter > 0 && { 'retry-after': String(retryAfter) }),
      // What is left of its body is not read.
      ...(code === 'hook.too_large' && { connection: 'close' }),
    },
    body: { error: { code, message } },
    outcome: code,
    records: 0,
  };
}
