export interface Upload {
  readonly name: string;
  readonly bytes: Buffer;
  /** The other members of the form. */
  readonly fields: Readonly<Record<string, string>>;
}

interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  readonly bytes: Buffer;
}

/** The first file of a multipart/form-data body; undefined where there is none. */
export function readUpload(contentType: string, body: Buffer): Upload | undefined {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  const parts = boundary === undefined ? [] : [...partsOf(body, boundary)];
  const file = parts.find(({ filename }) => filename !== undefined);
  if (file?.filename === undefined) return undefined;
  const plain = parts.filter(({ filename }) => filename === undefined);
  const fields = Object.fromEntries(plain.map(({ name, bytes }) => [name, bytes.toString('utf8')]));
  return { name: file.filename, bytes: file.bytes, fields };
}

function* partsOf(body: Buffer, boundary: string): Generator<Part> {
  const line = Buffer.from(`--${boundary}`);
  for (let at = body.indexOf(line); at >= 0; ) {
    const next = body.indexOf(line, at + line.length);
    if (next < 0) return;
    const part = body.subarray(at + line.length + 2, next - 2);
    const headEnd = part.indexOf('\r\n\r\n');
    const head = part.subarray(0, Math.max(headEnd, 0)).toString('utf8');
    const name = /[;\s]name="([^"]*)"/i.exec(head)?.[1];
    const filename = /filename="([^"]*)"/i.exec(head)?.[1];
    if (name !== undefined) yield { name, filename, bytes: part.subarray(headEnd + 4) };
    at = next;
  }
}
