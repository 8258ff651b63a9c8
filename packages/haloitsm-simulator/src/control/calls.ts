import type { ChurnOptions } from '../churn.ts';
import { isObject, type JsonObject } from '../data/json.ts';
import type { PlannedFault } from '../faults/faults.ts';
import { formatFaults, parseFaults } from '../faults/rates.ts';
import type { Query } from '../query.ts';
import { parseQuirks, type QuirkChanges } from '../quirks.ts';
import { formatRateLimit, parseRateLimit } from '../rate-limit.ts';
import type { Simulator } from '../simulator.ts';

export interface ControlInput {
  /** What follows the name of the call in its path. */
  readonly rest: string;
  readonly query: Query;
  /** The body. */
  readonly text: string;
}

interface ControlCall {
  readonly about: string;
  /** What is answered; undefined: an empty object. Throws an Error that says what is wrong with the input. */
  run(simulator: Simulator, input: ControlInput): unknown;
}

/** Every call below /__simulator, by method and first segment. */
export const CALLS: Readonly<Record<string, ControlCall>> = {
  'GET journal': {
    about: 'what was asked, oldest first; ?method=POST&path=Asset&after=SEQUENCE',
    run: (simulator, { query }) => ({ requests: journal(simulator, query) }),
  },
  'DELETE journal': {
    about: 'forget it',
    run: (simulator) => simulator.clearJournal(),
  },
  'GET records': {
    about: 'how many records there are; with /RESOURCE, the records as they are, deleted tickets too',
    run: (simulator, { rest }) => (rest === '' ? simulator.counts() : simulator.records(rest)),
  },
  'POST records': {
    about: '/RESOURCE: create or update one as somebody at the desk would: unchecked, unseen by the journal',
    run: (simulator, { rest, text }) => simulator.save(rest, object(text)),
  },
  'DELETE records': {
    about: '/RESOURCE/ID (of an action: /Actions/TICKET/ID): take it away',
    run: (simulator, { rest }) => {
      const [resource = '', ...key] = rest.split('/');
      simulator.remove(resource, key.join('/'));
    },
  },
  'GET faults': {
    about: 'how likely calls go wrong, and what is planned',
    run: (simulator) => faults(simulator),
  },
  'POST faults': {
    about:
      'text 429=0.02,slow=0.01:5000 (empty: none), or JSON {"fault":"500","method":"POST","path":"Asset","times":2}',
    run: (simulator, { text }) => {
      if (!/^[[{]/.test(text)) simulator.setFaults(parseFaults(text));
      else plan(simulator, JSON.parse(text));
      return faults(simulator);
    },
  },
  'DELETE faults': {
    about: 'none by chance, none planned',
    run: (simulator) => {
      simulator.setFaults({});
      simulator.clearPlannedFaults();
      return faults(simulator);
    },
  },
  'GET quirks': { about: 'which are on', run: (simulator) => simulator.quirks },
  'POST quirks': {
    about: 'text thin-rows=off,unordered=on, or JSON {"thin-rows":false}',
    run: (simulator, { text }) => {
      simulator.setQuirks(text.startsWith('{') ? (object(text) as QuirkChanges) : parseQuirks(text));
      return simulator.quirks;
    },
  },
  'GET churn': { about: 'what people at the desk have done so far', run: (simulator) => simulator.churned },
  'POST churn': {
    about:
      'people at work: {"create":5,"change":20,"act":2,"remove":0} a second, or "per":"call"; "limit", "seed"',
    run: (simulator, { text }) => simulator.churn(object(text) as ChurnOptions),
  },
  'DELETE churn': { about: 'they stop', run: (simulator) => simulator.stopChurn() },
  'POST resend': {
    about: '/ID: send a delivery of WebhookEvent again',
    run: (simulator, { rest }) => {
      if (!simulator.resendHook(rest)) throw new RangeError(`there is no delivery ${rest}`);
      return {};
    },
  },
  'POST page-cap': {
    about: 'a number: rows of a page at most',
    run: (simulator, { text }) => simulator.setPageCap(Number(text)),
  },
  'POST rate-limit': {
    about: 'text 500/180s, or off',
    run: (simulator, { text }) => simulator.setRateLimit(parseRateLimit(text)),
  },
  'POST latency': {
    about: 'milliseconds before every answer',
    run: (simulator, { text }) => simulator.setLatency(number(text)),
  },
  'POST clock-skew': {
    about: "milliseconds by which the instance's clock is ahead",
    run: (simulator, { text }) => simulator.setClockSkew(number(text)),
  },
  'POST expire-tokens': {
    about: 'every access token is refused from now on',
    run: (simulator) => simulator.expireTokens(),
  },
  'POST reset': {
    about: 'the records of the seed, an empty journal, faults and quirks as at the start',
    run: (simulator) => simulator.reset(),
  },
  'GET status': { about: 'all of this in short', run: (simulator) => status(simulator) },
  'GET tenants': {
    about: 'all of the host, with what signs in there; ?tenant=NAME tells any of these calls to one of them',
    run: ({ tenants }) =>
      tenants.map(({ url, tenant, clientId, clientSecret, username, password, apiKey }) => {
        return { url, tenant, clientId, clientSecret, username, password, apiKey };
      }),
  },
};

function journal(simulator: Simulator, query: Query) {
  const [method, path, after] = [query.text('method'), query.text('path'), query.number('after')];
  return simulator.journal({
    ...(method !== undefined && { method }),
    ...(path !== undefined && { path }),
    ...(after !== undefined && { after }),
  });
}

function plan(simulator: Simulator, plans: unknown): void {
  for (const one of Array.isArray(plans) ? plans : [plans]) {
    if (!isObject(one)) throw new TypeError('a JSON object is wanted');
    simulator.failNext(one as unknown as PlannedFault);
  }
}

function faults({ faults: { rates, planned } }: Simulator) {
  return { rates: formatFaults(rates), planned };
}

function status(simulator: Simulator) {
  const { tenant, url, pageCap, rateLimit, churned, quirks } = simulator;
  const last = simulator.journal().at(-1)?.sequence ?? 0;
  const limit = formatRateLimit(rateLimit);
  const rest = { faults: faults(simulator), churn: churned, quirks, records: simulator.counts() };
  return { tenant, url, pageCap, rateLimit: limit, requests: last, ...rest };
}

function object(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new TypeError('a JSON object is wanted');
  return value;
}

function number(text: string): number {
  if (text === '') throw new TypeError('a number is wanted');
  return Number(text);
}
