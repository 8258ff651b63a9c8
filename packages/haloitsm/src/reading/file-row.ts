import type { HttpResponse, JsonObject } from '@millrace/core';
import { fileName } from '../file-name.ts';

/**
 * An answer that is a file, as the record that names it: what the path says, `filename`, `content_type` and `size` in bytes.
 * Its content is no part of a record: the publisher's `file` reads it when it is sent. Undefined where it is no file.
 */
export function fileRow(path: JsonObject, headers: HttpResponse['headers']): JsonObject | undefined {
  const disposition = headers['content-disposition'];
  if (typeof disposition !== 'string' || !/^\s*(?:attachment|inline)\b/i.test(disposition)) return undefined;
  const size = Number(headers['content-length']);
  const type = headers['content-type'];
  return {
    ...path,
    filename: fileName(disposition) ?? null,
    content_type: typeof type === 'string' ? type : null,
    ...(Number.isInteger(size) && { size }),
  };
}
