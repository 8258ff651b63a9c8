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

/** Follows records through chains by their shapes. */
export interface ChainFlow {
  readonly project: FlowProject;
  readonly file: FlowFile;
  /** Whom findings about what is read go to; what is written is told to the file itself. */
  readonly report: Report;
  steps(steps: readonly Json[], at: OptionPath, record: Shape): Shape;
  saved(id: string, record: Shape): Shape;
}
