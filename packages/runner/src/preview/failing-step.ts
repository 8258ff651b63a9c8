import { type Location, MillraceError, toMillraceError } from '@millrace/core';
import type { Project } from '../config/project.ts';
import type { StepWatch, Watch } from './site-trace.ts';
import { locateSite, type StepSite } from './step-site.ts';

/** Remembers the innermost step that failed last, so that an error can say where it stands. */
export class FailingStep {
  readonly #project: Project;
  #site: StepSite | undefined;

  constructor(project: Project) {
    this.#project = project;
  }

  readonly watch: Watch = (site): StepWatch => ({
    failed: () => {
      this.#site ??= site;
    },
  });

  /** The error with the file, line and path of the step, or of the place that is given where no step failed. */
  locate(thrown: unknown, otherwise: Location): MillraceError {
    const error = toMillraceError(thrown, 'entity.failed');
    const place = this.#site ? locateSite(this.#project, this.#site) : otherwise;
    this.#site = undefined;
    const { path = error.path, ...rest } = place;
    const located = new MillraceError(error.code, error.message, { ...detailsOf(error), ...rest });
    return path === undefined ? located : located.withPath(path);
  }
}

function detailsOf({ hint, cause, status, requestId, data }: MillraceError) {
  return {
    ...(hint !== undefined && { hint }),
    ...(cause !== undefined && { cause }),
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { requestId }),
    ...(data !== undefined && { data }),
  };
}
