import type { Response } from 'got';
import type { Exchange } from '../exchange.ts';
import type { HttpResponse } from './request.ts';

/** As much of an answer as is read. */
export type RawResponse = Pick<Response<string>, 'statusCode' | 'headers' | 'body'> & {
  /** Of a file, whose body is no text. */
  readonly bytes?: Buffer;
};

/** An answer that may be a file, or say in a text why it is none. */
export function rawFile({
  statusCode,
  headers,
  body,
}: Pick<Response<Uint8Array>, 'statusCode' | 'headers' | 'body'>): RawResponse {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return { statusCode, headers, bytes, body: statusCode < 300 ? '' : bytes.toString('utf8') };
}

/** A file as base64, of which a history keeps only how large it is. */
export function fileAnswer(response: RawResponse, sent: Exchange['request']): HttpResponse {
  const { statusCode: status, headers, body: text, bytes = Buffer.from(text) } = response;
  return {
    status,
    headers,
    body: bytes.toString('base64'),
    exchange: { request: sent, response: { status, body: `(a file of ${bytes.length} bytes)` } },
  };
}
