import { failedStep, type MillraceError } from '@millrace/core';
import type { ComponentUse, Resource } from '../config/project.ts';

const OF_IDENTITY = new Set(['entity.no_identifier', 'entity.ambiguous']);

/** The error with the place of the step that failed, or of the option that is to blame where no step did. */
export function failedAt(error: MillraceError, resource: Resource): MillraceError {
  const option = OF_IDENTITY.has(error.code) ? ['entity', 'identifier'] : ['transformers'];
  return error.at(resource.locate(failedStep(error) ?? option));
}

/** The same for a step of a chain inside the options of a component: `publisher.haloitsm.request[0].map`. */
export function failedInside(
  error: MillraceError,
  resource: Resource,
  slot: 'subscriber' | 'publisher',
  use: ComponentUse | undefined,
): MillraceError {
  const step = failedStep(error);
  return step && use ? error.at(resource.locate([slot, use.component, ...step])) : error;
}
