import { isObject, type Json } from '../../json.ts';
import type { Format } from './format.ts';

export const url: Format = {
  parse(text) {
    const found = new Map<string, string | string[]>();
    for (const [name, value] of new URLSearchParams(text)) {
      const before = found.get(name);
      found.set(name, before === undefined ? value : [before, value].flat());
    }
    return Object.fromEntries(found);
  },
  serialize(value) {
    if (!isObject(value)) throw new Error('only an object can be written as a query string');
    const parameters = new URLSearchParams();
    for (const [name, given] of Object.entries(value)) {
      for (const one of Array.isArray(given) ? (given as readonly Json[]) : [given]) {
        if (one !== null)
          parameters.append(name, typeof one === 'object' ? JSON.stringify(one) : String(one));
      }
    }
    return parameters.toString();
  },
};
