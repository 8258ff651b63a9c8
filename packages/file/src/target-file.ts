import type { Stats } from 'node:fs';
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { MillraceError } from '@millrace/core';
import type { Append } from './journal.ts';

/** Opens a file for appending, and makes it, with its folders, where it is not there. */
export async function openTarget(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true });
  return open(path, 'a+');
}

/** Tells a file from another one of its name: an inode's number is given again as soon as it is free. */
export function identityOf({ dev, ino, birthtimeMs }: Stats): string {
  return `${dev}:${ino}:${birthtimeMs}`;
}

/** Brings a folder's list of names to the disk, after a file was made in it. Windows has no such call. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether an append stands in the file at a path as it was written. */
export async function holdsAppend(path: string, { offset, length, checksum }: Append): Promise<boolean> {
  const found = await stat(path).catch(missing);
  if (!found || found.size < offset + length) return false;
  const handle = await open(path, 'r');
  try {
    let read = 0;
    let sum = 0;
    const buffer = Buffer.alloc(Math.min(length, 1_048_576));
    while (read < length) {
      const { bytesRead } = await handle.read(
        buffer,
        0,
        Math.min(buffer.length, length - read),
        offset + read,
      );
      if (bytesRead === 0) return false;
      sum = crc32(buffer.subarray(0, bytesRead), sum);
      read += bytesRead;
    }
    return sum === checksum;
  } finally {
    await handle.close();
  }
}

/** Swallows the error of a file that is not there. */
export function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}

const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS']);
const UNSUITABLE: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  EEXIST: 'a part of its path is no folder',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead in a circle',
};

/** What an error of the file system is to a task or a run. */
export function fileError(thrown: unknown, path: string): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  const { code = '', message } = thrown as NodeJS.ErrnoException;
  const details = { cause: thrown, file: path };
  if (code === 'ENOENT') {
    const hint = 'Put it there, or correct the path.';
    return new MillraceError('client.not_found', `There is no file "${path}"`, { ...details, hint });
  }
  if (FORBIDDEN.has(code)) {
    const hint = 'Give the user that Millrace runs as the right to it.';
    return new MillraceError('client.forbidden', `"${path}" may not be opened (${code})`, {
      ...details,
      hint,
    });
  }
  const why = UNSUITABLE[code];
  if (why !== undefined) {
    const hint = 'Name a file.';
    return new MillraceError('client.refused', `"${path}" cannot be used: ${why}`, { ...details, hint });
  }
  const hint = code === 'ENOSPC' || code === 'EDQUOT' ? 'Make room on the disk.' : undefined;
  const told = `"${path}": ${message}`;
  return new MillraceError('client.unavailable', told, { ...details, ...(hint && { hint }) });
}
