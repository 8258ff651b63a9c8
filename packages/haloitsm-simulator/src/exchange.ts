import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';
import type { Fault, PlannedAnswer } from './faults/faults.ts';
import { kindOf } from './faults/kinds.ts';

/** Bytes of a body beyond which a request is refused. */
const MAX_BODY = 64 * 1024 * 1024;

/** The whole body of a request; `tooLarge` where it is. Rejects where the caller goes away before its end. */
export function readBody(request: IncomingMessage): Promise<Buffer | 'tooLarge'> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY) resolve('tooLarge');
      else chunks.push(chunk);
    });
    request.once('end', () =>
      resolve(chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks)),
    );
    request.once('error', reject);
    request.once('close', () => reject(new Error('the caller went away')));
  });
}

export function reply(response: ServerResponse, answer: Answer): void {
  const body = answer.body ?? '';
  const type = body.length === 0 ? {} : { 'content-type': 'application/json; charset=utf-8' };
  response.writeHead(answer.status, {
    ...type,
    'content-length': Buffer.byteLength(body),
    ...answer.headers,
  });
  response.end(body);
}

/** Says how long the answer is, and breaks off half way. */
export function truncate(response: ServerResponse, answer: Answer): void {
  const body = Buffer.from(answer.body ?? '');
  response.writeHead(answer.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Math.max(body.length, 2),
    ...answer.headers,
  });
  response.flushHeaders();
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}

export function tooMany(sentence: string, retryAfter: number | undefined): Answer {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  };
  return { status: 429, body: sentence, headers };
}

/** What a caller gets to see of a fault that spoils the answer. `sentence` is that of the rate limit. */
export function faultAnswer({ kind, retryAfter, answer }: Fault, sentence: string): Answer {
  const wait = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  switch (kind) {
    case 'answer':
      return plannedAnswer(answer ?? { status: 500 });
    case '429':
      return tooMany(sentence, retryAfter);
    case '502':
      return gatewayPage(502, '502 Bad Gateway', wait);
    case '504':
      return gatewayPage(504, '504 Gateway Time-out', wait);
    case 'html':
      return gatewayPage(200, 'We will be back soon', wait);
    case 'expire':
      return { status: 401 };
    default:
      return { status: Number(kind) || 500, headers: wait };
  }
}

function gatewayPage(status: number, title: string, headers: Answer['headers']): Answer {
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>\r\n`;
  return { status, body, headers: { 'content-type': 'text/html', ...headers } };
}

function plannedAnswer({ status, body, headers }: PlannedAnswer): Answer {
  if (body === undefined) return { status, ...(headers && { headers }) };
  const isText = typeof body === 'string';
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  return {
    status,
    body: isText ? body : JSON.stringify(body),
    headers: { 'content-type': type, ...headers },
  };
}

/** True where a fault puts an answer of its own, or none, in the place of the real one. */
export function isSpoiled({ kind }: Fault): boolean {
  if (kind === 'answer' || kind === 'reset' || kind === 'lost' || kind === 'hang') return true;
  const { place } = kindOf(kind);
  return place === 'answer' || place === 'token';
}
