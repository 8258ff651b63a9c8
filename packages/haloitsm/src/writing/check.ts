import type { OptionPath, Report } from '@millrace/core';
import type { Operation } from '../catalogue/index.ts';
import { checkOperation, operationOf } from '../operation-request.ts';
import { checkZone } from './halo-dates.ts';
import type { Searched } from './match.ts';
import type { MatchSettings, PublisherSettings } from './options.ts';

export const METHODS = { post: 'POST', delete: 'DELETE' } as const;

/** What the schema of the publisher cannot say. */
export function checkWriting(options: PublisherSettings, report: Report): void {
  const { method, match, link, file, timezone, strict } = options;
  const operation = checkOperation(METHODS[method], options, false, report);
  if (match && operation) checkMatch(operation, match, strict, report);
  if (method === 'delete' && file)
    report({
      code: 'config.invalid_value',
      message: 'DELETE sends no body, and no file',
      path: ['file'],
      atKey: true,
    });
  if (link && link.from === link.to) {
    report({
      code: 'config.invalid_value',
      message: `link.from and link.to are both "${link.to}"`,
      hint: 'Name the two sides by two names, the same ones in both directions.',
      path: ['link', 'to'],
    });
  }
  if (link && !match && method === 'post') {
    report({
      severity: 'warning',
      code: 'config.missing_option',
      message: 'link without match: where the answer to a new record is lost, a second one is made',
      hint: 'Give it a natural key that says where it came from: match: { query: { … }, on: … }.',
      path: ['link'],
      atKey: true,
    });
  }
  if (file && (file.path === undefined) === (file.attachment === undefined)) {
    const both = file.path !== undefined;
    report({
      code: both ? 'config.invalid_value' : 'config.missing_option',
      message: both ? 'file has both path and attachment' : 'file names no file',
      hint: 'Give exactly one of path and attachment.',
      path: ['file'],
      atKey: true,
    });
  }
  try {
    checkZone(timezone);
  } catch {
    report({
      code: 'config.invalid_value',
      message: `"${timezone}" is no time zone`,
      hint: 'Name one of the IANA, such as Europe/Amsterdam.',
      path: ['timezone'],
    });
  }
}

function checkMatch(operation: Operation, match: MatchSettings, strict: boolean, report: Report): void {
  const given = { entity: listOf(operation, match), strict, parameters: { query: match.query } };
  const named = match.entity !== undefined;
  checkOperation('GET', given, true, (finding) => {
    const { path = [] } = finding;
    const where: OptionPath = path[0] === 'parameters' ? ['match', ...path.slice(1)] : ['match', 'entity'];
    const unnamed = path[0] !== 'parameters' && !named;
    report({
      ...finding,
      path: unnamed ? ['match'] : where,
      ...(unnamed && { atKey: true, hint: 'Name the list to search: match: { entity: … }.' }),
    });
  });
}

/** The list in which the record of an operation stands: `Invoice` for `Invoice/{id}/void`. */
function listOf({ path }: Operation, { entity }: MatchSettings): string {
  return entity ?? path.replace(/\/\{.*$/, '');
}

/** Where natural keys are looked for; undefined where there is no such list. */
export function searchedBy(
  operation: Operation,
  match: MatchSettings,
  strict: boolean,
): Searched | undefined {
  const list = operationOf('GET', listOf(operation, match), strict);
  return list && { list, one: operationOf('GET', `${list.path}/{id}`, true) };
}
