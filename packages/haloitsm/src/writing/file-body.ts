import { randomUUID } from 'node:crypto';
import type { BodyStream, Json, JsonObject } from '@millrace/core';

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
