import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type Compiler,
  type Evaluate,
  isObject,
  type Json,
  MillraceError,
  type ProjectFiles,
} from '@millrace/core';
import type { HaloClient } from '../client.ts';
import { fileName } from '../file-name.ts';
import type { Draft } from './draft.ts';
import { type FileBody, fileBody, type SentFile } from './file-body.ts';
import { formBody } from './form-body.ts';
import type { FileSettings } from './options.ts';
import { Turns } from './turns.ts';

/** What the content is called where nothing else is said. */
const BASE64 = 'data_base64';

export interface FileSourceServices extends Pick<ProjectFiles, 'resolvePath'> {
  readonly compile: Compiler;
  /** The Halo that has the attachments. */
  readonly source: HaloClient;
}

/** So many files of another Halo are in memory at a time. */
const MOST_HELD = 2;

/** Reads the files that messages name, when they are sent. */
export class FileSource {
  readonly #settings: FileSettings;
  readonly #services: FileSourceServices;
  readonly #path: Evaluate | undefined;
  readonly #attachment: Evaluate | undefined;
  readonly #turns = new Turns(MOST_HELD);

  constructor(settings: FileSettings, services: FileSourceServices) {
    const { compile } = services;
    this.#settings = settings;
    this.#services = services;
    this.#path = settings.path === undefined ? undefined : compile.value(settings.path);
    this.#attachment = settings.attachment === undefined ? undefined : compile.value(settings.attachment);
  }

  /**
   * The body of a payload with the file in it. Throws `file.*`, `request.invalid` where the record names none,
   * `config.outside_project`, and `client.*` of the Halo that has it.
   */
  async fill(
    draft: Draft,
    payload: Json,
    as: { readonly inArray: boolean; readonly inParts: boolean },
  ): Promise<FileBody> {
    if (!isObject(payload))
      throw new MillraceError('request.invalid', 'file needs a payload that is one record');
    const file = await this.#file(draft);
    // A form holds the bytes themselves: its member is called `file`, unless it is said otherwise.
    const { to } = this.#settings;
    if (as.inParts) return formBody(payload, { member: to === BASE64 ? 'file' : to, sent: file });
    const named = { filename: file.name, ...payload };
    return fileBody(named, to, file, as.inArray);
  }

  /** Work that reads a file and sends it: what is held in memory meanwhile has to wait for its turn. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#attachment ? this.#turns.take(work) : work();
  }

  #file({ message, run }: Draft): Promise<SentFile> {
    const path = this.#path?.(message.data, run.context);
    if (typeof path === 'string' && path !== '') return this.#local(path);
    const id = this.#attachment?.(message.data, run.context);
    if ((typeof id === 'string' && id !== '') || typeof id === 'number')
      return this.#attached(id, run.signal);
    const name = this.#path ? 'path' : 'attachment';
    throw new MillraceError('request.invalid', `The record names no file: file.${name} is empty`, {
      hint: 'Drop records without a file before, or name the field that holds it.',
    });
  }

  async #local(path: string): Promise<SentFile> {
    const whole = this.#services.resolvePath(path);
    const stats = await stat(whole).catch((cause: NodeJS.ErrnoException) => {
      throw new MillraceError('file.unreadable', `"${path}" cannot be read: ${cause.code}`, { cause });
    });
    if (!stats.isFile()) throw new MillraceError('file.unreadable', `"${path}" is no file`);
    const { size } = stats;
    this.#allow(size, `"${path}"`);
    return {
      name: basename(whole),
      size,
      async *bytes() {
        let read = 0;
        // What is written to it meanwhile is not sent: the length was announced.
        if (size === 0) return;
        for await (const chunk of createReadStream(whole, { end: size - 1 })) {
          read += (chunk as Buffer).length;
          yield chunk as Buffer;
        }
        if (read < size)
          throw new MillraceError('file.unreadable', `"${path}" became shorter while it was sent`);
      },
    };
  }

  async #attached(id: string | number, signal: AbortSignal): Promise<SentFile> {
    const { maxBytes } = this.#settings;
    const what = `attachment ${id}`;
    const answer = await this.#services.source
      .request({ method: 'GET', path: `Attachment/${encodeURIComponent(id)}`, file: { maxBytes }, signal })
      .catch((thrown: unknown) => {
        const error = thrown as MillraceError;
        if (error.code === 'client.too_large') throw tooLarge(what, maxBytes);
        if (error.code === 'client.not_found')
          throw new MillraceError('file.unreadable', `There is no ${what}`, { cause: error });
        throw error;
      });
    const content = Buffer.from(String(answer.body ?? ''), 'base64');
    this.#allow(content.length, what);
    return {
      name: fileName(answer.headers['content-disposition']) ?? `attachment-${id}`,
      size: content.length,
      async *bytes() {
        yield content;
      },
    };
  }

  #allow(size: number, what: string): void {
    const { maxBytes } = this.#settings;
    if (size > maxBytes) throw tooLarge(what, maxBytes, size);
  }
}

function tooLarge(what: string, most: number, size?: number): MillraceError {
  const large = size === undefined ? '' : ` (${size} bytes)`;
  return new MillraceError('file.too_large', `${what}${large} is larger than ${most} bytes`, {
    hint: 'Raise file.maxBytes if Halo takes it, or drop such records before.',
  });
}
