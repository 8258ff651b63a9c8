import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { isObject, type Json, type JsonObject, type Logger, MillraceError } from '@millrace/core';
import { fileError } from './target-file.ts';

/** Where a read goes on: behind a record, or at the beginning. */
export interface Place extends JsonObject {
  /** Bytes before it. */
  readonly offset: number;
  /** Lines before it. */
  readonly line: number;
}

/** A place, and a check that the file is still the one that it was found in. */
export interface Position extends Place {
  /** CRC-32 of the bytes right before it. */
  readonly check: number;
}

/** One record, and the place behind it. */
export interface Row {
  readonly entity: JsonObject;
  readonly end: Place;
}

const START: Place = { offset: 0, line: 0 };
/** Bytes before a place that are looked at: enough to tell a record from its neighbours. */
const CHECKED = 4096;

/** A file as it was when it was opened: what is appended later belongs to the next run. */
export class Source {
  readonly handle: FileHandle;
  /** As the options name it. */
  readonly path: string;
  /** Bytes that are read. */
  readonly size: number;

  private constructor(handle: FileHandle, path: string, size: number) {
    this.handle = handle;
    this.path = path;
    this.size = size;
  }

  /** Opens a file; `path` is what errors call it. Throws `client.not_found`, `client.forbidden`, `client.refused`. */
  static async open(file: string, path: string): Promise<Source> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(file, 'r');
      const stats = await handle.stat();
      if (!stats.isFile()) throw notRegular(path);
      return new Source(handle, path, stats.size);
    } catch (thrown) {
      await handle?.close();
      throw fileError(thrown, path);
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  /** Chunks of the file from an offset on. Throws `client.interrupted` where it became shorter meanwhile. */
  async *chunks(offset: number): AsyncGenerator<Buffer, void> {
    const CHUNK = 262_144;
    for (let at = offset; at < this.size; ) {
      const wanted = Math.min(CHUNK, this.size - at);
      const chunk = await this.#read(at, wanted);
      if (chunk.length === 0) throw this.#shorter();
      at += chunk.length;
      yield chunk;
    }
  }

  async position(place: Place): Promise<Position> {
    return { ...place, check: await this.#check(place.offset) };
  }

  /** Where to begin: at the position, or anew, where what stands before it is not what was read. */
  async resume(position: Json | undefined, log: Logger): Promise<Place> {
    if (!isObject(position)) return START;
    const { offset, line, check } = position as Position;
    if (offset <= this.size && (await this.#check(offset)) === check) return { offset, line };
    log.warn(
      { file: this.path, line },
      'the file was changed since the run broke off; it is read from its beginning',
    );
    return START;
  }

  async #check(offset: number): Promise<number> {
    const length = Math.min(CHECKED, offset);
    const bytes = await this.#read(offset - length, length);
    if (bytes.length < length) throw this.#shorter();
    return crc32(bytes);
  }

  async #read(offset: number, length: number): Promise<Buffer> {
    try {
      const { buffer, bytesRead } = await this.handle.read(Buffer.allocUnsafe(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    } catch (thrown) {
      throw fileError(thrown, this.path);
    }
  }

  /** A line that is not as it should be. Nothing behind it is read: it may be torn. */
  unreadable(line: number, why: string, cause?: unknown): MillraceError {
    return new MillraceError('client.unreadable', `Line ${line} of "${this.path}" cannot be read: ${why}`, {
      hint: 'Correct the line, then run it again.',
      file: this.path,
      line,
      ...(cause !== undefined && { cause }),
    });
  }

  #shorter(): MillraceError {
    return new MillraceError('client.interrupted', `"${this.path}" became shorter while it was read`, {
      hint: 'Let its writer finish first, or write a new file and rename it; then run it again.',
      file: this.path,
    });
  }
}

function notRegular(path: string): MillraceError {
  return new MillraceError('client.refused', `"${path}" is no file with content of its own`, {
    hint: 'Name a file, not a folder or a device.',
    file: path,
  });
}

/** Longer lines are a mistake, and would fill the memory. */
export const MAX_LINE = 67_108_864;
