import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { isObject, type Json, type JsonObject } from '../../json.ts';
import { compilePattern } from '../../paths/pattern.ts';
import type { Format, FormatOptions } from './format.ts';

const TEXT = '#text';
const NAME = /^[\p{L}_][\p{L}\p{N}._-]*(?::[\p{L}_][\p{L}\p{N}._-]*)?$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot hold
const NOT_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;
/** Declarations, comments and blanks may stand before it. */
const DOCTYPE = /^(?:\s|<\?[\s\S]*?\?>|<!--[\s\S]*?-->)*<!DOCTYPE/i;
const MAX_DEPTH = 100;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The five entities of XML and references to characters; a document can define none, so that none can grow. */
function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([^;&\s]*));?/gi, (whole, decimal, hex, name) => {
    const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : undefined;
    const found =
      code === undefined ? ENTITIES[name] : code > 0x10ffff ? undefined : String.fromCodePoint(code);
    if (found === undefined || !whole.endsWith(';'))
      throw new Error(`"${whole.slice(0, 40)}" is no entity of XML`);
    return found;
  });
}

const nothing = () => {};
const DECODER = {
  decode,
  reset: nothing,
  setXmlVersion: nothing,
  addInputEntities: nothing,
  setExternalEntities: nothing,
};

function parserOf({ attributes = '@', lists = [] }: FormatOptions): XMLParser {
  const patterns = lists.map((list) => compilePattern(list));
  const isList = (path: string) => {
    // The pattern is matched against a document that has nothing but this path.
    const document = path.split('.').reduceRight<Json>((node, key) => ({ [key]: node }), null);
    return patterns.some((pattern) => pattern.match(document).length > 0);
  };
  return new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: attributes,
    textNodeName: TEXT,
    // Texts stay texts: 007 is not 7.
    parseTagValue: false,
    parseAttributeValue: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    entityDecoder: DECODER,
    maxNestedTags: MAX_DEPTH,
    isArray: (_, path, __, isAttribute) => !isAttribute && isList(String(path)),
  });
}

export const xml: Format = {
  parse(text, options) {
    if (DOCTYPE.test(text)) throw new Error('a DOCTYPE is not accepted');
    if (!text.trim().endsWith('>')) throw new Error('it does not end with a tag');
    const document = parserOf(options).parse(text, true) as JsonObject;
    const roots = Object.keys(document);
    const [root = ''] = roots;
    if (roots.length !== 1 || Array.isArray(document[root])) throw new Error('it must have one root element');
    return document;
  },
  serialize(value, { attributes = '@', root, declaration = true, indent = 0 }) {
    const document = root === undefined ? value : { [root]: value };
    const [name] = isObject(document) ? Object.keys(document) : [];
    const lone = isObject(document) && Object.keys(document).length === 1;
    if (!lone || Array.isArray(document[name ?? ''])) {
      throw new Error('XML has one root element: give an object with one key, or the option "root"');
    }
    const builder = new XMLBuilder({
      ignoreAttributes: false,
      attributeNamePrefix: attributes,
      textNodeName: TEXT,
      suppressEmptyNode: true,
      suppressBooleanAttributes: false,
      maxNestedTags: MAX_DEPTH,
      ...(indent > 0 && { format: true, indentBy: ' '.repeat(indent) }),
    });
    const head = declaration ? `<?xml version="1.0" encoding="UTF-8"?>${indent > 0 ? '\n' : ''}` : '';
    return head + (builder.build(checked(document, attributes, 0)) as string);
  },
};

/** What the builder may be given: it would write any name and any character as it stands. */
function checked(element: JsonObject, attributes: string, depth: number): JsonObject {
  if (depth > MAX_DEPTH) throw new Error(`it is nested more than ${MAX_DEPTH} deep`);
  const entries = Object.entries(element).flatMap(([key, value]): [string, Json][] => {
    const attribute = key.startsWith(attributes);
    const name = attribute ? key.slice(attributes.length) : key;
    if (key !== TEXT && !NAME.test(name)) throw new Error(`"${name}" cannot be a name in XML`);
    if (attribute || key === TEXT) {
      if (typeof value === 'object' && value !== null) throw new Error(`"${key}" must be a text`);
      return value === null ? [] : [[key, text(value)]];
    }
    return [[key, content(key, value, attributes, depth + 1)]];
  });
  return Object.fromEntries(entries);
}

function content(key: string, value: Json, attributes: string, depth: number): Json {
  if (isObject(value)) return checked(value, attributes, depth);
  if (!Array.isArray(value)) return value === null ? '' : text(value);
  return value.map((member: Json) => {
    if (Array.isArray(member)) throw new Error(`"${key}" holds a list in a list, and XML has none`);
    return content(key, member, attributes, depth);
  });
}

function text(value: Json): string {
  const written = String(value);
  if (NOT_XML.test(written)) throw new Error('a text holds a character that XML cannot hold');
  return written;
}
