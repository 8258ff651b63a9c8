import type { Format } from './format.ts';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export const base64: Format = {
  parse(text) {
    // The form for addresses is accepted, too.
    const packed = text.replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/');
    const digits = packed.replace(/=+$/, '').length;
    if (!BASE64.test(packed) || digits % 4 === 1) throw new Error('it is not base64');
    const bytes = Buffer.from(packed, 'base64');
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new Error('what it holds is no text in UTF-8');
    }
  },
  serialize(value) {
    if (typeof value === 'object')
      throw new Error('only a text can be written as base64: serialize it as json first');
    return Buffer.from(String(value), 'utf8').toString('base64');
  },
};
