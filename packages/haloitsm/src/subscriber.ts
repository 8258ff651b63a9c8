import { isDeepStrictEqual } from 'node:util';
import { defineSubscriber, isObject, type Json, type RunContext } from '@millrace/core';
import { identityOf } from './catalogue/index.ts';
import { client } from './client.ts';
import { operationOf } from './operation-request.ts';
import { checkReading } from './reading/check.ts';
import { asksOf, compileDetails, compileLevels, type Level } from './reading/level.ts';
import type { Position } from './reading/lists.ts';
import { listsOf, SubscriberOptions } from './reading/options.ts';
import { Outermost } from './reading/outermost.ts';
import { readingShape } from './reading/reading-shape.ts';
import { Walk } from './reading/walk.ts';

export const subscriber = defineSubscriber({
  client,
  description:
    'Reads the records of any GET operation of the HaloITSM API: whole lists or what changed, their details, the children of other records.',
  options: SubscriberOptions,
  check: checkReading,
  shape: readingShape,
  identity({ entity, strict }) {
    const operation = operationOf('GET', entity, strict);
    return operation && identityOf(operation);
  },
  create(options, { client: halo, compile }) {
    const levels = compileLevels(options, compile);
    const details = compileDetails(options, compile);
    const [outermostLevel] = levels;
    const { incremental } = listsOf(options)[0]?.list ?? {};
    if (!outermostLevel) throw new RangeError('there is always a list');

    const outermostOf = (cursor: Json | undefined, position: Position | undefined, run: RunContext) => {
      if (!incremental) return undefined;
      const { water } = position ?? {};
      const from = { ...(cursor !== undefined && { cursor }), ...(water && { water }) };
      return new Outermost(outermostLevel.operation, incremental, from, run);
    };
    return {
      async *read(from, run) {
        const position = isPosition(from.position, levels) ? from.position : undefined;
        const outermost = outermostOf(from.cursor, position, run);
        const begin = position ?? (await asksOf(outermostLevel, undefined, outermost?.query ?? {}, run));
        yield* new Walk({ halo, levels, details, outermost, run }, begin).read();
        return outermost?.cursor;
      },
    };
  },
});

/**
 * A position of another release, or of other lists, is none: then the run reads from its beginning, and what did not
 * change is not sent.
 */
function isPosition(position: Json | undefined, levels: readonly Level[]): position is Position {
  if (!isObject(position) || !Array.isArray(position['asks'])) return false;
  return isDeepStrictEqual(
    position['lists'],
    levels.map(({ operation }) => operation.path),
  );
}
