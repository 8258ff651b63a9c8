import { failedStep, type MillraceError } from '@millrace/core';
import type { Resource } from '../config/project.ts';

const OF_IDENTITY = new Set(['entity.no_identifier', 'entity.ambiguous']);

/** The error with the place of the step that failed, or of the option that is to blame where no step did. */
export function failedAt(error: MillraceError, resource: Resource): MillraceError {
  const option = OF_IDENTITY.has(error.code) ? ['entity', 'identifier'] : ['transformers'];
  return error.at(resource.locate(failedStep(error) ?? option));
}
