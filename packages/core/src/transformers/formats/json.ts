import { parseJson } from '../../parse-json.ts';
import type { Format } from './format.ts';

export const json: Format = {
  parse: parseJson,
  serialize: (value, { indent = 0 }) => JSON.stringify(value, null, indent),
};
