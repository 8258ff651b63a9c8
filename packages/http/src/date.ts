import type { Json } from '@millrace/core';

export type DateFormat = 'iso' | 'date' | 'unix' | 'unixMs';

const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?))?\s?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/** Milliseconds since 1970 of a date of a row; undefined where it is none. A date without a zone is in UTC. */
export function dateOf(value: Json, format: DateFormat): number | undefined {
  if (format === 'unix' || format === 'unixMs') {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
    return format === 'unix' ? number * 1000 : number;
  }
  const match = typeof value === 'string' ? ISO.exec(value.trim()) : null;
  if (!match) return undefined;
  const [, day = '', time = '00:00', zone = 'Z'] = match;
  // Date.parse wants milliseconds at most, and minutes in a zone.
  const clock = time.replace(',', '.').replace(/(\.\d{3})\d+$/, '$1');
  const full = /^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const at = Date.parse(`${day}T${clock}${full.toUpperCase()}`);
  return Number.isNaN(at) ? undefined : at;
}

/** A date as a parameter has it; rounded down where the form is coarser. */
export function formatDate(milliseconds: number, format: DateFormat): string | number {
  switch (format) {
    case 'unix':
      return Math.floor(milliseconds / 1000);
    case 'unixMs':
      return Math.floor(milliseconds);
    case 'date':
      return new Date(milliseconds).toISOString().slice(0, 10);
    case 'iso':
      return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
  }
}
