import { randomUUID } from 'node:crypto';
import type { BodyStream, Json, JsonObject } from '@millrace/core';
import type { FileBody, SentFile } from './file-body.ts';

/** A form in parts: a field for each member of a payload, and the bytes of a file, which are read while they are sent. */
export function formBody(
  payload: JsonObject,
  file?: { readonly member: string; readonly sent: SentFile },
): FileBody {
  const boundary = `millrace-${randomUUID()}`;
  const fields = Object.entries(payload)
    .map(([name, value]) => part(boundary, `name="${escaped(name)}"`, text(value ?? null)))
    .join('');
  const head = file
    ? `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(file.member)}"; filename="${escaped(file.sent.name)}"\r\nContent-Type: application/octet-stream\r\n\r\n`
    : '';
  const before = Buffer.from(fields + head);
  const after = Buffer.from(`${file ? '\r\n' : ''}--${boundary}--\r\n`);
  const stream: BodyStream = {
    type: `multipart/form-data; boundary=${boundary}`,
    length: before.length + (file?.sent.size ?? 0) + after.length,
    async *chunks() {
      yield before;
      if (file) yield* file.sent.bytes();
      yield after;
    },
  };
  const shown = file && { [file.member]: `(file ${file.sent.name}, ${file.sent.size} bytes)` };
  return { json: { ...payload, ...shown }, stream };
}

function part(boundary: string, disposition: string, value: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${value}\r\n`;
}

function text(value: Json): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : JSON.stringify(value);
}

/** As browsers write names: nothing of one may end its line or its quotes. */
function escaped(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
