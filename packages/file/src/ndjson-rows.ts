import { isUtf8 } from 'node:buffer';
import { isObject, type Json, type JsonObject, parseJson } from '@millrace/core';
import { MAX_LINE, type Place, type Row, type Source } from './source.ts';

const NEWLINE = 0x0a;
const BOM = Buffer.from('\uFEFF');

/**
 * The records of an NDJSON file from a place on: one JSON object a line; empty lines are passed over. Throws
 * `client.unreadable` at the first line that is something else, and at a last line that is not whole.
 */
export async function* ndjsonRows(source: Source, from: Place): AsyncGenerator<Row, void> {
  let { offset, line } = from;
  let pending: Buffer[] = [];
  let length = 0;

  const row = (text: Buffer, ended: boolean): Row | undefined => {
    const start = offset;
    offset += text.length + (ended ? 1 : 0);
    line++;
    const entity = parseLine(source, text, start, line, ended);
    return entity && { entity, end: { offset, line } };
  };

  for await (const chunk of source.chunks(offset)) {
    let begin = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, begin)) {
      const part = chunk.subarray(begin, end);
      const text = pending.length === 0 ? part : Buffer.concat([...pending, part]);
      pending = [];
      length = 0;
      begin = end + 1;
      const found = row(text, true);
      if (found) yield found;
    }
    if (begin < chunk.length) pending.push(chunk.subarray(begin));
    length += chunk.length - begin;
    if (length > MAX_LINE) throw source.unreadable(line + 1, `it is longer than ${MAX_LINE} bytes`);
  }
  if (pending.length === 0) return;
  const last = row(Buffer.concat(pending), false);
  if (last) yield last;
}

function parseLine(
  source: Source,
  bytes: Buffer,
  offset: number,
  line: number,
  ended: boolean,
): JsonObject | undefined {
  const marked = offset === 0 && bytes.subarray(0, BOM.length).equals(BOM);
  const body = marked ? bytes.subarray(BOM.length) : bytes;
  if (!isUtf8(body)) throw source.unreadable(line, 'it is not UTF-8');
  const text = body.toString('utf8').trim();
  if (text === '') return undefined;
  let value: Json;
  try {
    value = parseJson(text);
  } catch (cause) {
    const why = ended
      ? 'it is not JSON'
      : 'it is the last one, and it is not whole; is the file being written?';
    throw source.unreadable(line, why, cause);
  }
  if (!isObject(value)) throw source.unreadable(line, 'it is JSON, but no object');
  return value;
}
