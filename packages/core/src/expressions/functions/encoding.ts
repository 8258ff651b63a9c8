import { createHash } from 'node:crypto';
import type { Json } from '../../json.ts';
import { parseJson } from '../../parse-json.ts';
import { absent, oneOf, text, whole } from './arguments.ts';
import type { Call, LanguageFunction } from './function.ts';
import { refuse } from './refuse.ts';

const ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha512'] as const;

function hash([value, algorithm]: readonly Json[]): string {
  const name = absent(algorithm) ? 'sha256' : oneOf(algorithm, ALGORITHMS, 'algorithm');
  return createHash(name).update(text(value)).digest('hex');
}

/** Namespaces that RFC 9562 names. */
const NAMESPACES: Readonly<Record<string, string>> = {
  dns: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  url: '6ba7b811-9dad-11d1-80b4-00c04fd430c8',
  oid: '6ba7b812-9dad-11d1-80b4-00c04fd430c8',
  x500: '6ba7b814-9dad-11d1-80b4-00c04fd430c8',
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function namespaceOf(value: Json | undefined): Buffer {
  const name = absent(value) ? 'url' : text(value);
  const uuid = Object.hasOwn(NAMESPACES, name) ? (NAMESPACES[name] ?? '') : name;
  if (!UUID.test(uuid))
    throw new TypeError(
      `a namespace is a UUID or one of ${Object.keys(NAMESPACES).join(', ')}, not "${name}"`,
    );
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

function uuid5([value, namespace]: readonly Json[]): string {
  const digest = createHash('sha1').update(namespaceOf(namespace)).update(text(value)).digest();
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Looks at the second argument where it stands in the file. */
function prepareSecond(check: (value: Json) => unknown) {
  return ([, second]: readonly (Json | undefined)[]): Call | undefined => {
    if (second !== undefined) refuse(() => check(second));
    return undefined;
  };
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

function base64Decode([value]: readonly Json[]): string {
  const encoded = text(value).replace(/\s+/g, '');
  if (!BASE64.test(encoded)) throw new TypeError('the text is not base64');
  const bytes = Buffer.from(encoded, 'base64');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new TypeError('what is encoded is not text in UTF-8');
  }
}

function urlEncode([value]: readonly Json[]): string {
  return encodeURIComponent(text(value).toWellFormed());
}

function jsonEncode([value = null, indent]: readonly Json[]): string {
  const spaces = absent(indent) ? 0 : whole(indent, 'indent');
  if (spaces < 0 || spaces > 10) throw new RangeError('indent must be between 0 and 10');
  return JSON.stringify(value, null, spaces);
}

function jsonDecode([value]: readonly Json[]): Json {
  if (typeof value !== 'string') throw new TypeError('JSON is read from a text');
  try {
    return parseJson(value);
  } catch (error) {
    throw new TypeError(`the text is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export const ENCODING_FUNCTIONS: Readonly<Record<string, LanguageFunction>> = {
  hash: {
    description: 'The hash of a text in hexadecimal: `md5`, `sha1`, `sha256` (default) or `sha512`.',
    parameters: ['text', 'algorithm'],
    required: 1,
    examples: [
      [['abc', 'md5'], '900150983cd24fb0d6963f7d28e17f72'],
      [['abc', 'sha1'], 'a9993e364706816aba3e25717850c26c9cd0d89d'],
      [['abc'], 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ],
    prepare: prepareSecond((algorithm) => hash(['', algorithm])),
    call: hash,
  },
  uuid5: {
    description:
      'The UUID (version 5) of a text: the same text in the same namespace is the same UUID. The namespace is a UUID or one of `dns`, `url` (default), `oid`, `x500`.',
    parameters: ['text', 'namespace'],
    required: 1,
    examples: [[['www.example.com', 'dns'], '2ed6657d-e927-568b-95e1-2665a8aea6a2']],
    prepare: prepareSecond(namespaceOf),
    call: uuid5,
  },
  base64_encode: {
    description: 'A text in base64, as UTF-8.',
    parameters: ['text'],
    required: 1,
    examples: [[['Zoë'], 'Wm/Dqw==']],
    call: ([value]) => Buffer.from(text(value), 'utf8').toString('base64'),
  },
  base64_decode: {
    description: 'The text in base64, or its form for addresses. Fails where what is encoded is no text.',
    parameters: ['base64'],
    required: 1,
    examples: [[['Wm/Dqw=='], 'Zoë']],
    call: base64Decode,
  },
  url_encode: {
    description: "A text as a part of an address: everything but letters, digits and `-_.!~*'()` escaped.",
    parameters: ['text'],
    required: 1,
    examples: [[['a b/c?é'], 'a%20b%2Fc%3F%C3%A9']],
    call: urlEncode,
  },
  json_encode: {
    description: 'A value as JSON text, with so many blanks of indent (default none).',
    parameters: ['value', 'indent'],
    required: 1,
    examples: [
      [[{ a: [1] }], '{"a":[1]}'],
      [['a'], '"a"'],
    ],
    call: jsonEncode,
  },
  json_decode: {
    description: 'The value of a JSON text. Whole numbers that a number cannot hold stay text.',
    parameters: ['text'],
    required: 1,
    examples: [
      [['{"a":[1]}'], { a: [1] }],
      [['{"id":12345678901234567890}'], { id: '12345678901234567890' }],
    ],
    call: jsonDecode,
  },
};
