import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { MillraceError } from '@millrace/core';
import { CsvError, type InfoRecord, parse } from 'csv-parse';
import { type CsvShape, LINE_ENDS, readHeader } from './csv-header.ts';
import { MAX_LINE, type Place, type Row, type Source } from './source.ts';

const NEWLINE = 0x0a;

interface Parsed {
  readonly record: readonly string[];
  readonly info: InfoRecord;
}

/**
 * The records of a CSV file from a place on: each cell a text, empty ones too. Without `columns` the first line names
 * them. Throws `client.unreadable` at the first record that is not as it should be.
 */
export async function* csvRows(
  source: Source,
  from: Place,
  shape: CsvShape,
  columns: readonly string[] | undefined,
): AsyncGenerator<Row, void> {
  if (source.size === 0) return;
  const header = columns ? undefined : await readHeader(source.handle, shape, source.path);
  const names = columns ?? header?.columns ?? [];
  const first = header && from.offset < header.length ? { offset: header.length, line: header.lines } : from;
  const parser = parse({
    ...shape,
    escape: shape.quote,
    bom: first.offset === 0,
    info: true,
    record_delimiter: LINE_ENDS,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_LINE,
  });
  const bytes = Readable.from(utf8(source, first), { objectMode: false });
  bytes.on('error', (error) => parser.destroy(error));
  bytes.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      const line = first.line + info.lines;
      if (record.length !== names.length) {
        throw source.unreadable(line, `it has ${record.length} cells, and there are ${names.length} columns`);
      }
      const entity = Object.fromEntries(names.map((name, index) => [name, record[index] ?? '']));
      yield { entity, end: { offset: first.offset + info.bytes, line } };
    }
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown;
    throw source.unreadable(
      first.line + Number(thrown['lines'] ?? parser.info.lines),
      thrown.message,
      thrown,
    );
  } finally {
    bytes.destroy();
    parser.destroy();
  }
}

/** Passes the file on, as long as it is UTF-8: what is not would come out changed. */
async function* utf8(source: Source, from: Place): AsyncGenerator<Buffer, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let { line } = from;
  for await (const chunk of source.chunks(from.offset)) {
    try {
      decoder.decode(chunk, { stream: true });
    } catch {
      throw notUtf8(source, line + 1 + linesBeforeFault(chunk));
    }
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) line++;
    yield chunk;
  }
  try {
    decoder.decode();
  } catch {
    throw notUtf8(source, line + 1);
  }
}

/** How many lines of a chunk stand before the first one that is not UTF-8. */
function linesBeforeFault(chunk: Buffer): number {
  let lines = 0;
  let begin = 0;
  for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, begin)) {
    if (!isUtf8(chunk.subarray(begin, end))) break;
    lines++;
    begin = end + 1;
  }
  return lines;
}

function notUtf8(source: Source, line: number): MillraceError {
  const message = `"${source.path}" is not UTF-8, in line ${line}`;
  const hint = 'Save the file as UTF-8.';
  return new MillraceError('client.unreadable', message, { hint, file: source.path, line });
}
