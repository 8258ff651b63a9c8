import { type Answer, empty, json } from '../answer.ts';
import type { Call } from '../call.ts';
import type { Json } from '../data/json.ts';
import { Query } from '../query.ts';
import type { Simulator } from '../simulator.ts';
import { CALLS } from './calls.ts';

export const CONTROL = '/__simulator';

/** What the simulator itself can be asked and told, below /__simulator. */
export function control(simulator: Simulator, call: Call): Answer {
  const [name = '', ...rest] = call.path.slice(CONTROL.length).split('/').filter(Boolean);
  if (name === '' && call.method === 'GET') return json(200, descriptions());
  const found = CALLS[`${call.method} ${name}`];
  if (!found) return empty(404);
  if (call.method !== 'GET' && isForeign(call))
    return json(403, { error: 'another site may not tell the simulator' });
  const isForm = call.headers['content-type']?.includes('x-www-form-urlencoded') === true;
  const text = call.bytes.toString().trim();
  const form = isForm ? new URLSearchParams(text) : undefined;
  const query = new Query(call.query);
  try {
    const body = found.run(simulator, {
      rest: decodeURIComponent(rest.join('/')),
      query,
      text: form?.has('value') ? (form.get('value') ?? '') : text,
    });
    // A button of the page shows the page again.
    const back = form?.get('back');
    if (back?.startsWith('/?') || back === '/') return { status: 303, headers: { location: back } };
    return json(call.method === 'POST' && name === 'records' ? 201 : 200, (body ?? {}) as Json);
  } catch (error) {
    return json(400, { error: (error as Error).message });
  }
}

function descriptions(): Json {
  return Object.fromEntries(Object.entries(CALLS).map(([call, { about }]) => [call, about]));
}

/** True where a page of another site sends the call: a browser says so. */
function isForeign({ headers }: Call): boolean {
  const { origin } = headers;
  if (headers['sec-fetch-site'] === 'cross-site') return true;
  return origin !== undefined && origin !== 'null' && !origin.endsWith(`//${headers.host ?? ''}`);
}
