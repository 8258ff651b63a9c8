import { isObject, type JsonObject, type OptionFinding, type Report } from '@millrace/core';
import { checkOperation, operationOf } from '../operation-request.ts';
import { checkIncremental, type IncrementalOptions } from './changes.ts';
import { detailOperation } from './level.ts';
import { hydrateOf, listsOf, type SubscriberSettings } from './options.ts';

/** What the schema cannot say: operations, their parameters, and what goes together. */
export function checkReading(options: SubscriberSettings, report: Report): void {
  const { strict, input } = options;
  for (const [index, { list, at }] of listsOf(options).entries()) {
    const here = below(at, report);
    const { entity, parameters } = list;
    const given = { entity, strict, ...(parameters && { parameters: parameters as Parameters }) };
    const operation = checkOperation('GET', given, at.length > 0 || input.length === 0, here);
    if (!list.incremental) continue;
    if (index > 0) {
      here({
        code: 'config.invalid_value',
        message: 'Children are read whole, whenever their parent changed',
        hint: 'Put "incremental" into the outermost forEach: it says which parents changed.',
        path: ['incremental'],
        atKey: true,
      });
    } else if (operation) {
      const query = isObject(given.parameters?.query) ? given.parameters.query : {};
      const changes = list.incremental as IncrementalOptions;
      checkIncremental(operation, changes, query, below(['incremental'], here));
    }
  }
  checkDetails(options, report);
}

interface Parameters {
  readonly path?: JsonObject;
  readonly query?: JsonObject;
}

function checkDetails(options: SubscriberSettings, report: Report): void {
  const hydrate = hydrateOf(options);
  const list = operationOf('GET', options.entity, options.strict);
  if (!hydrate || !list) return;
  const operation = detailOperation(list, hydrate.operation, options.strict);
  if (!operation) {
    report({
      code: 'config.unknown_operation',
      message: hydrate.operation
        ? `HaloITSM has no GET operation "${hydrate.operation}"`
        : `HaloITSM has no GET operation ${list.path}/{id}`,
      hint: 'Name the operation that gives one record under hydrate.operation.',
      path: ['hydrate'],
      atKey: true,
    });
    return;
  }
  const { path = {}, query = {} } = (hydrate.parameters ?? {}) as Parameters;
  // The id of the row is taken for granted.
  const known = operation.pathParameters.some(({ name }) => name === 'id') ? { id: 0 } : {};
  const given = {
    entity: operation.path,
    strict: options.strict,
    parameters: { path: { ...known, ...path }, query },
  };
  checkOperation('GET', given, true, below(['hydrate'], report));
}

function below(at: OptionFinding['path'], report: Report): Report {
  return (finding) => report({ ...finding, path: [...at, ...finding.path] });
}
