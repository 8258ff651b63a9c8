import { type Answer, empty, json } from './answer.ts';
import { isObject, type Json, type JsonObject } from './data/json.ts';
import { type PlannedFault, parseFaults } from './faults.ts';
import type { Query } from './query.ts';
import { parseRateLimit } from './rate-limit.ts';
import type { Simulator } from './simulator.ts';

export const CONTROL = '/__simulator';

const PATHS: JsonObject = {
  'GET journal': 'what was asked; ?method=POST&path=Asset&after=SEQUENCE',
  'DELETE journal': 'forget it',
  'GET records/RESOURCE': 'the records as they are',
  'POST records/RESOURCE': 'create or update one, unseen by the journal',
  'POST faults':
    'text 429=0.02,slow=0.01:5000, or JSON {"fault":"500","method":"POST","path":"Asset","times":2}',
  'POST page-cap': 'a number: rows of a page at most',
  'POST rate-limit': 'text 500/180s, or off',
  'POST expire-tokens': 'every access token is refused from now on',
  'POST reset': 'the records of the seed, an empty journal, the faults of the start',
};

/** What the simulator itself can be asked and told, below /__simulator. */
export function control(
  simulator: Simulator,
  method: string,
  path: string,
  query: Query,
  text: string,
): Answer {
  const [what = '', ...rest] = path.slice(CONTROL.length).split('/').filter(Boolean);
  try {
    return answer(simulator, `${method} ${what}`.trim(), rest.join('/'), query, text);
  } catch (error) {
    return json(400, { error: (error as Error).message });
  }
}

function answer(simulator: Simulator, call: string, name: string, query: Query, text: string): Answer {
  switch (call) {
    case 'GET':
      return json(200, PATHS);
    case 'GET journal':
      return json(200, { requests: journal(simulator, query) as unknown as Json });
    case 'DELETE journal':
      simulator.clearJournal();
      return json(200, {});
    case 'GET records':
      return json(200, simulator.records(name));
    case 'POST records':
      return json(201, simulator.save(name, object(JSON.parse(text))));
    case 'POST faults':
      faults(simulator, text.trim());
      return json(200, {});
    case 'POST page-cap':
      simulator.setPageCap(Number(text));
      return json(200, {});
    case 'POST rate-limit':
      simulator.setRateLimit(parseRateLimit(text.trim()));
      return json(200, {});
    case 'POST expire-tokens':
      simulator.expireTokens();
      return json(200, {});
    case 'POST reset':
      simulator.reset();
      return json(200, {});
    default:
      return empty(404);
  }
}

function journal(simulator: Simulator, query: Query) {
  const [method, path, after] = [query.text('method'), query.text('path'), query.number('after')];
  return simulator.journal({
    ...(method !== undefined && { method }),
    ...(path !== undefined && { path }),
    ...(after !== undefined && { after }),
  });
}

function faults(simulator: Simulator, text: string): void {
  if (!/^[[{]/.test(text)) return simulator.setFaults(parseFaults(text));
  const plans: unknown = JSON.parse(text);
  for (const plan of Array.isArray(plans) ? plans : [plans])
    simulator.failNext(object(plan) as unknown as PlannedFault);
}

function object(value: unknown): JsonObject {
  if (!isObject(value)) throw new TypeError('a JSON object is wanted');
  return value;
}
