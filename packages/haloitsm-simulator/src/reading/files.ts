import { type Answer, empty } from '../answer.ts';
import type { JsonObject } from '../data/json.ts';

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  csv: 'text/csv',
  json: 'application/json',
};

/** The bytes of an attachment, with its name in `content-disposition`. */
export function fileAnswer(attachment: JsonObject): Answer {
  const data = attachment['data_base64'];
  if (typeof data !== 'string') return empty(404);
  const name = String(attachment['filename'] ?? 'file').replace(/["\\\r\n]/g, '_');
  const type = TYPES[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream';
  const ascii = name.replace(/[^\x20-\x7e]/g, '_');
  return {
    status: 200,
    body: Buffer.from(data, 'base64'),
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="${ascii}"; filename*=UTF-8''${encodeURIComponent(name)}`,
    },
  };
}
