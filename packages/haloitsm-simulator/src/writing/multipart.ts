export interface Upload {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The first file of a multipart/form-data body; undefined where there is none. */
export function readUpload(contentType: string, body: Buffer): Upload | undefined {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) return undefined;
  const line = Buffer.from(`--${boundary}`);
  for (let at = body.indexOf(line); at >= 0; ) {
    const next = body.indexOf(line, at + line.length);
    if (next < 0) return undefined;
    const part = body.subarray(at + line.length + 2, next - 2);
    const headEnd = part.indexOf('\r\n\r\n');
    const head = part.subarray(0, Math.max(headEnd, 0)).toString('utf8');
    const name = /filename="([^"]*)"/i.exec(head)?.[1];
    if (name !== undefined) return { name, bytes: part.subarray(headEnd + 4) };
    at = next;
  }
  return undefined;
}
