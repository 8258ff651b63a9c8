import { FAULTS, type FaultKind, isKind, kindOf } from './kinds.ts';

/** How likely a call (a list page, a webhook) meets a fault, by kind: 0 to 1. */
export type FaultRates = Readonly<Partial<Record<FaultKind, number>>> & {
  /** Milliseconds of `slow`. Default 2000. */
  readonly slowMs?: number;
  /** Milliseconds of `hook-late`. Default 2000. */
  readonly hookLateMs?: number;
};

/** Reads `429=0.02,slow=0.01:5000`. Throws a RangeError that says what is wrong. */
export function parseFaults(text: string): FaultRates {
  const rates: { -readonly [Name in keyof FaultRates]: FaultRates[Name] } = {};
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const match = /^\s*([\w-]+)\s*=\s*([\d.]+)(?::(\d+))?\s*$/.exec(part);
    const [, kind = part.split('=')[0] ?? '', rate, delay] = match ?? [];
    if (!isKind(kind)) throw new RangeError(`"${kind}" is no fault; there are ${FAULTS.join(', ')}`);
    if (!(Number(rate) >= 0 && Number(rate) <= 1))
      throw new RangeError(`"${part}": the rate must lie between 0 and 1, as in ${kind}=0.02`);
    if (delay !== undefined && !kindOf(kind).timed)
      throw new RangeError(`"${part}": only slow and hook-late take milliseconds, as in slow=0.01:5000`);
    rates[kind] = Number(rate);
    if (delay !== undefined) rates[kind === 'slow' ? 'slowMs' : 'hookLateMs'] = Number(delay);
  }
  return rates;
}

/** The text that `parseFaults` reads. */
export function formatFaults({ slowMs, hookLateMs, ...rates }: FaultRates): string {
  const delays: Readonly<Partial<Record<string, number | undefined>>> = {
    slow: slowMs,
    'hook-late': hookLateMs,
  };
  return Object.entries(rates)
    .map(([kind, rate]) => `${kind}=${rate}${delays[kind] === undefined ? '' : `:${delays[kind]}`}`)
    .join(',');
}
