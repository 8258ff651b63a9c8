import type { ErrorCode } from '../error-codes.ts';
import type { OptionPath, Report } from '../findings.ts';
import type { Shape } from './shape.ts';

/** What a condition that is the same for every record means at its place, for the hint: `every record is dropped`. */
export interface Consequences {
  readonly whenTrue: string;
  readonly whenFalse: string;
}

/**
 * What the `shape` of a component is given: it evaluates options on shapes as `create` compiles them for data, and reports
 * what can never be. Every `at` is a path inside the options; `record` is what the option is evaluated on, the record that
 * comes in where it is left out.
 */
export interface ShapeCheck {
  /** What comes in: the record of a transformer, the message of a publisher. Unknown for a subscriber. */
  readonly record: Shape;
  readonly report: Report;
  /** What a value comes to. */
  value(at: OptionPath, record?: Shape): Shape;
  /** Whether a condition always holds, or never; undefined where that depends on the record. */
  condition(at: OptionPath, consequences: Consequences, record?: Shape): boolean | undefined;
  /** What a JMESPath expression comes to. */
  expression(at: OptionPath, record?: Shape): Shape;
  /** What stands where a path or pattern leads, that of the option or the given one; reported where nothing can. */
  place(at: OptionPath, record?: Shape, pattern?: string): Shape;
  /** Reports that a field which an option names is not one of the record's. */
  field(name: string, at: OptionPath, record?: Shape): Shape;
  /** What leaves a chain of transformers. */
  steps(at: OptionPath, record?: Shape): Shape;
  /** What leaves a saved chain. */
  saved(id: string, record?: Shape): Shape;
  /** What the values of a lookup table have in common. */
  table(id: string): Shape;
  /** Reports where what is sent does not fit what is taken; names that are not known under `unknownName`. */
  fits(given: Shape, wanted: Shape, unknownName?: ErrorCode): void;
}
