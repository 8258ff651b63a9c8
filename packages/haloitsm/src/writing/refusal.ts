import { isObject, type Json, MillraceError } from '@millrace/core';
import { describeBody } from '@millrace/core/http';
import { pathInPayload } from './payload.ts';

/** What is wrong with one field. */
export interface FieldFault {
  /** Which element of the array that was sent; undefined where it was no array, or Halo does not say. */
  readonly element?: number;
  /** Inside the element; empty where all of it is meant. */
  readonly path: readonly string[];
  readonly message: string;
}

/**
 * What a validation answer of Halo says of single fields: `{"[0].outcome_id": ["Could not convert …"]}`, alone or under
 * `errors`. Empty where it says a sentence only.
 */
export function fieldFaults(body: Json | undefined): readonly FieldFault[] {
  if (!isObject(body) || 'ClassName' in body) return [];
  const errors = isObject(body['errors']) ? body['errors'] : body;
  const faults = Object.entries(errors).map(([key, value]) => {
    const messages = sentences(value);
    return messages && { ...placeOf(key), message: messages.join(' ') };
  });
  const known = faults.filter((fault) => fault !== undefined);
  // An object of another kind, of which some members happen to be lists of texts, is none.
  return known.length === faults.length ? known : [];
}

function sentences(value: Json): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = (value as readonly Json[]).filter((one) => typeof one === 'string');
  // Where in the array that was sent it stands says nothing to whoever wrote one of its elements.
  return texts.length === 0
    ? undefined
    : texts.map((text) => text.replace(/\s*Path '[^']*', line \d+, position \d+\.?$/, '').trim());
}

function placeOf(key: string): Pick<FieldFault, 'element' | 'path'> {
  const steps = [...key.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map((match) => match[1] ?? match[2] ?? '');
  const [first = '', ...rest] = steps;
  const named = /^(?:\$\.?)?\[\d+\]/.test(key);
  if (!named) return { path: steps };
  const [index, path] = first === '$' ? [rest[0], rest.slice(1)] : [first, rest];
  return { element: Number(index), path };
}

/** The faults of each element, where every one of them names its element; else undefined. */
export function byElement(
  faults: readonly FieldFault[],
  count: number,
): ReadonlyMap<number, readonly FieldFault[]> | undefined {
  if (faults.length === 0) return undefined;
  const found = new Map<number, FieldFault[]>();
  for (const fault of faults) {
    if (fault.element === undefined || fault.element >= count) return undefined;
    found.set(fault.element, [...(found.get(fault.element) ?? []), fault]);
  }
  return found;
}

/** The refusal of one record, with the fields as its payload has them. */
export function refusal(
  error: MillraceError,
  faults: readonly FieldFault[],
  payload: Json | undefined,
): MillraceError {
  const paths = faults.map(({ path, message }) => ({ path: pathInPayload(payload, path), message }));
  const told = paths
    .slice(0, 5)
    .map(({ path, message }) => `${path === '' ? 'the record' : path}: ${message}`);
  const more = paths.length > told.length ? `; and ${paths.length - told.length} more` : '';
  const body = bodyOf(error);
  const why = told.length > 0 ? `${told.join('; ')}${more}` : `the record: ${describeBody(body)}`;
  const { status, requestId } = error;
  return new MillraceError('entity.rejected', `HaloITSM refuses ${why}`, {
    cause: error,
    hint: 'Correct the record or the transformers, then retry the task.',
    data: { ...(paths.length > 0 && { paths }), ...(body !== undefined && { body }) },
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { requestId }),
  });
}

/** What Halo answered, as far as the error keeps it. */
export function bodyOf({ data }: MillraceError): Json | undefined {
  return typeof data === 'object' && data !== null ? (data as { readonly body?: Json }).body : undefined;
}
