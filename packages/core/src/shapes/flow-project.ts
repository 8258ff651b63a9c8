import type { SavedTransformer } from '../compile.ts';
import type { Services } from '../expressions/services.ts';
import type { OptionPath, Report } from '../findings.ts';
import type { Json } from '../json.ts';
import type { Registry } from '../registry.ts';
import type { Shape } from './shape.ts';

/** A file whose chains are followed: whom its findings go to. Paths are those from its root. */
export interface FlowFile {
  readonly report: Report;
  readonly isVariable: (path: OptionPath) => boolean;
}

/** A saved transformer, and its file. */
export interface SavedFlow extends SavedTransformer {
  readonly file: FlowFile;
}

export interface FlowProject {
  readonly registry: Pick<Registry, 'transformer'>;
  readonly services: Services;
  readonly saved: (id: string) => SavedFlow | undefined;
  /** Told of every shape with which a saved transformer is used. */
  readonly used: (id: string, record: Shape) => void;
}

/**
 * Who is told of what: `read`, what can never be found; `found`, everything else that is wrong. Of what was written, and does
 * not fit where it is sent, the file itself is told.
 */
export interface Audience {
  readonly read: Report;
  readonly found: Report;
}

/** Follows records through chains by their shapes. */
export interface ChainFlow {
  readonly project: FlowProject;
  readonly file: FlowFile;
  readonly audience: Audience;
  steps(steps: readonly Json[], at: OptionPath, record: Shape): Shape;
  saved(id: string, record: Shape): Shape;
}
