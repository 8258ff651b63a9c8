import { randomUUID } from 'node:crypto';
import { type BodyStream, isObject, type Json, type JsonObject } from '@millrace/core';

/** A file to be sent: its bytes come in pieces, each time that they are asked for. */
export interface SentFile {
  readonly name: string;
  readonly size: number;
  bytes(): AsyncIterable<Uint8Array>;
}

export interface FileBody {
  /** As histories, tests and plans show it. */
  readonly json: Json;
  readonly stream: BodyStream;
}

/** A JSON body with the base64 of a file as one of its members, which is made while it is sent. */
export function fileBody(payload: JsonObject, member: string, file: SentFile, inArray: boolean): FileBody {
  const whole = (content: string): Json => {
    const record = { ...payload, [member]: content };
    return inArray ? [record] : record;
  };
  const mark = randomUUID();
  const [before = '', after = ''] = JSON.stringify(whole(mark)).split(mark);
  return {
    json: whole(`(file ${file.name}, ${file.size} bytes)`),
    stream: {
      type: 'application/json',
      length: Buffer.byteLength(before) + 4 * Math.ceil(file.size / 3) + Buffer.byteLength(after),
      async *chunks() {
        yield Buffer.from(before);
        yield* base64(file.bytes());
        yield Buffer.from(after);
      },
    },
  };
}

/** A form with a file as its part `file`, for the few operations that take one; other members are its fields. */
export function formBody(payload: JsonObject, file: SentFile): FileBody {
  const boundary = `millrace-${randomUUID()}`;
  const part = (head: string) => `--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n`;
  const fields = Object.entries(payload).filter(([, value]) => value !== null && !isObject(value));
  const { filename = file.name } = payload;
  const before = Buffer.from(
    [
      ...fields.map(([name, value]) => `${part(`name="${quoted(name)}"`)}\r\n${String(value)}\r\n`),
      `${part(`name="file"; filename="${quoted(String(filename))}"`)}content-type: application/octet-stream\r\n\r\n`,
    ].join(''),
  );
  const after = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    json: { ...payload, file: `(file ${file.name}, ${file.size} bytes)` },
    stream: {
      type: `multipart/form-data; boundary=${boundary}`,
      length: before.length + file.size + after.length,
      async *chunks() {
        yield before;
        yield* file.bytes();
        yield after;
      },
    },
  };
}

/** As browsers write names in forms. */
function quoted(name: string): string {
  return name.replace(/["\r\n]/g, encodeURIComponent);
}

/** Base64 of bytes that come in pieces: three of them make four characters. */
async function* base64(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece]);
    const whole = bytes.length - (bytes.length % 3);
    if (whole > 0) yield Buffer.from(bytes.toString('base64', 0, whole), 'latin1');
    rest = bytes.subarray(whole);
  }
  if (rest.length > 0) yield Buffer.from(rest.toString('base64'), 'latin1');
}
