import type { JsonObject } from '../data/json.ts';

/** Whether a row is among what was asked for. */
export type Filter = (row: JsonObject) => boolean;
