import type { ErrorCode } from './error-codes.ts';

export type Severity = 'error' | 'warning' | 'info';

/** Keys and list indexes from an options object down to one value. */
export type OptionPath = readonly (string | number)[];

/** Something that a check found in the options of a component, at a place inside them. */
export interface OptionFinding {
  readonly severity?: Severity;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly path: OptionPath;
  /** Point at the key, not at its value. */
  readonly atKey?: boolean;
}

export type Report = (finding: OptionFinding) => void;

/** `transformers[0].filter`, with keys that hold a dot in quotes. */
export function showPath(path: OptionPath): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      const text = /^[^.[\]"]+$/.test(part) ? part : JSON.stringify(part);
      return index === 0 ? text : `.${text}`;
    })
    .join('');
}
