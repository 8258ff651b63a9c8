import { describe, expect, it } from 'vitest';
import { parseQuirks, QUIRKS, type QuirkName } from '../src/index.ts';
import { ask, type Caller, callerOf, clientCredentials, signIn, simulate } from './support.ts';

interface Probe {
  /** What somebody sees who calls. */
  readonly see: (caller: Caller) => Promise<unknown>;
  readonly on: unknown;
  readonly off: unknown;
}

const PAGE = 'pageinate=true&page_no=1';
const status = async (reply: Promise<{ readonly status: number }>) => (await reply).status;

/** The status, or `waits` where there is no answer within a moment. */
async function patience(caller: Caller, path: string): Promise<number | 'waits'> {
  const headers = { authorization: `Bearer ${caller.simulator.token()}` };
  const signal = AbortSignal.timeout(400);
  try {
    return (await fetch(`${caller.simulator.url}/api/${path}`, { headers, signal })).status;
  } catch {
    return 'waits';
  }
}

const SIGNING_IN = {
  'scopeless-tokens': {
    see: async ({ simulator }) => {
      const { scope: _, ...form } = clientCredentials(simulator);
      const { status, body } = await signIn(simulator, form);
      if (status !== 200) return [status, body.error];
      const headers = { authorization: `Bearer ${body.access_token}` };
      return [status, await ask(`${simulator.url}/api/Status`, { headers }).then((reply) => reply.status)];
    },
    on: [200, 401],
    off: [400, 'invalid_scope'],
  },
  'sign-in-uncounted': {
    see: async ({ simulator }) => {
      simulator.setRateLimit({ requests: 1, windowMs: 60_000 });
      const again = () => status(signIn(simulator, clientCredentials(simulator)));
      return [await again(), await again()];
    },
    on: [200, 200],
    off: [200, 429],
  },
  'tenant-needed': {
    see: ({ simulator }) => status(signIn(simulator, clientCredentials(simulator), '/auth/token')),
    on: 400,
    off: 200,
  },
  'empty-refusals': {
    see: async ({ get }) => (await get('Tickets/999999')).text,
    on: '',
    off: '{"error":"Not Found"}',
  },
  'application-refused': { see: ({ get }) => status(get('Client/me')), on: 401, off: 200 },
  'redirecting-paths': { see: ({ get }) => status(get('UnsubServiceEmails')), on: 302, off: 200 },
} satisfies Partial<Record<QuirkName, Probe>>;

const PAGING = {
  'pageinate-needed': {
    see: async ({ get }) => (await get('Tickets?page_size=10&page_no=2')).body.tickets.length,
    on: 50,
    off: 10,
  },
  'page-no-needed': {
    see: async ({ get }) => (await get('Tickets?pageinate=true&page_size=10')).body.tickets.length,
    on: 50,
    off: 10,
  },
  'page-size-echo': {
    see: async ({ get }) => (await get(`Tickets?${PAGE}&page_size=1000`)).body.page_size,
    on: 1000,
    off: 100,
  },
  'count-of-page': { see: async ({ get }) => (await get('Tickets')).body.record_count, on: 50, off: 120 },
  'lists-never-page': {
    see: async ({ get, simulator }) => {
      for (const id of [1, 2, 3]) simulator.save('Appointment', { subject: `Meeting ${id}` });
      return (await get(`Appointment?${PAGE}&page_size=1`)).body.appointments.length;
    },
    on: 3,
    off: 1,
  },
  'assets-by-50': {
    see: async ({ get }) => (await get(`Asset?${PAGE}&page_size=100`)).body.assets.length,
    on: 50,
    off: 60,
  },
  unordered: {
    see: async ({ get }) => {
      const text = async () => (await get(`Tickets?${PAGE}&page_size=50&idonly=true`)).text;
      const [first, second] = [await text(), await text()];
      return first === second ? 'the same' : 'another';
    },
    on: 'another',
    off: 'the same',
  },
} satisfies Partial<Record<QuirkName, Probe>>;

const SHAPES = {
  'thin-rows': {
    see: async ({ get }) => 'customfields' in (await get('Tickets?count=1')).body.tickets[0],
    on: false,
    off: true,
  },
  'nulls-left-out': {
    see: async ({ get, simulator }) => {
      simulator.save('Tickets', { id: 1, status_id: 1 });
      return (await get('Tickets/1')).body.dateclosed;
    },
    on: undefined,
    off: null,
  },
  'decimal-ids': {
    see: async ({ get }) => /"client_id":\d+\.0,/.test((await get('Site/1')).text),
    on: true,
    off: false,
  },
  'sentinel-dates': {
    see: async ({ get }) => (await get('Tickets/1')).body.targetdate,
    on: '1900-01-01T00:00:00',
    off: undefined,
  },
  'zoneless-dates': {
    see: async ({ get }) => (await get('Tickets/1')).body.dateoccurred.endsWith('Z'),
    on: false,
    off: true,
  },
  'action-ids-per-ticket': {
    see: async ({ get, post, delete: remove }) => {
      const [row] = (await get('Actions?ticket_id=7')).body.actions;
      const known = (await get(`Actions/${row.id}`)).body?.ticket_id;
      const changed = (await post('Actions', [{ id: row.id, ticket_id: 7, note: 'changed' }])).body.note;
      return [row.id, known, changed, await status(remove(`Actions/${row.id}`))];
    },
    on: [1, undefined, 'changed', 400],
    off: [7001, 7, 'changed', 200],
  },
  'cut-details': {
    see: async ({ get }) => {
      const rows = (await get('Tickets')).body.tickets as readonly { details: string }[];
      return Math.max(...rows.map(({ details }) => details.length)) > 250;
    },
    on: false,
    off: true,
  },
  'search-lag': {
    see: async ({ get, post }) => {
      await post('Tickets', [{ summary: 'Quetzalcoatl' }]);
      return (await get('Tickets?search=quetzal')).body.record_count;
    },
    on: 0,
    off: 1,
  },
} satisfies Partial<Record<QuirkName, Probe>>;

const REFUSED = [{ inventory_number: 'A' }, { inventory_number: 'B', client_id: 9999 }];
const FIELD = [
  { id: 1, customfields: [{ id: 105, value: [{ customfields: [{ id: 106, value: 'New' }] }] }] },
];

const WRITING = {
  'array-needed': { see: ({ post }) => status(post('Asset', { inventory_number: 'A' })), on: 400, off: 201 },
  'last-of-array': {
    see: async ({ post }) =>
      Array.isArray((await post('Tickets', [{ summary: 'a' }, { summary: 'b' }])).body),
    on: false,
    off: true,
  },
  'created-201': { see: ({ post }) => status(post('Tickets', [{ summary: 'a' }])), on: 201, off: 200 },
  'whole-arrays': {
    see: async ({ post, simulator }) => [
      await status(post('Asset', REFUSED)),
      simulator.records('Asset').length,
    ],
    on: [400, 60],
    off: [400, 61],
  },
  'null-keeps': {
    see: async ({ post }) => typeof (await post('Tickets', [{ id: 1, category_1: null }])).body.category_1,
    on: 'string',
    off: 'undefined',
  },
  'unknown-id-404': {
    see: async ({ post }) => {
      const { status, body } = await post('Tickets', [{ id: 999_999, summary: 'a' }]);
      return [status, body?.id];
    },
    on: [404, undefined],
    off: [201, 121],
  },
  'outcome-needed': { see: ({ post }) => status(post('Actions', [{ ticket_id: 1 }])), on: 400, off: 201 },
  'table-replaced': {
    see: async ({ post }) => {
      await post('Tickets', FIELD);
      const { body } = await post('Tickets', FIELD);
      return body.customfields.find(({ id }: { id: number }) => id === 105).value.length;
    },
    on: 1,
    off: 2,
  },
  'json-needed': {
    see: ({ post }) => status(post('Tickets', [{ summary: 'a' }], { 'content-type': 'text/plain' })),
    on: 415,
    off: 201,
  },
} satisfies Partial<Record<QuirkName, Probe>>;

const REST = {
  'tickets-stay': {
    see: async ({ get, delete: remove }) => {
      await remove('Tickets/5');
      return (await get('Tickets?deleted=true')).body.record_count;
    },
    on: 1,
    off: 0,
  },
  'delete-answers-record': {
    see: async ({ delete: remove }) => (await remove('Tickets/5')).body?.id,
    on: 5,
    off: undefined,
  },
  'more-than-an-id': {
    see: async ({ get, delete: remove }) => [
      await status(get('Field/1')),
      await status(get('Lookup/1')),
      await status(remove('Actions/1')),
    ],
    on: [400, 400, 400],
    off: [200, 200, 200],
  },
  'linked-refused': { see: ({ delete: remove }) => status(remove('Client/1')), on: 400, off: 200 },
  'retry-after': {
    see: async ({ get, simulator }) => {
      simulator.setRateLimit({ requests: 1, windowMs: 60_000 });
      await get('Status');
      return (await get('Status')).headers.get('retry-after');
    },
    on: '60',
    off: null,
  },
  'report-errors-200': {
    see: async ({ get }) => {
      const { status, body } = await get('Report/4?loadreport=true');
      return [status, typeof body === 'string' ? body : body.report.load_error];
    },
    on: [200, expect.stringContaining('FaultsOld')],
    off: [400, expect.stringContaining('FaultsOld')],
  },
  'slow-500': {
    see: (caller) => {
      caller.simulator.failNext({ fault: '500' });
      return patience(caller, 'Status');
    },
    on: 'waits',
    off: 500,
  },
  'broken-lists': { see: ({ get }) => status(get('Addressbook')), on: 500, off: 200 },
  'slow-lists': { see: (caller) => patience(caller, 'KBArticle'), on: 'waits', off: 200 },
} satisfies Partial<Record<QuirkName, Probe>>;

// A quirk without a probe does not compile.
const PROBES: Readonly<Record<QuirkName, Probe>> = {
  ...SIGNING_IN,
  ...PAGING,
  ...SHAPES,
  ...WRITING,
  ...REST,
};

describe('the quirk', () => {
  it.each(Object.keys(PROBES) as QuirkName[])('%s makes a difference that callers see', async (name) => {
    const { see, on, off } = PROBES[name];
    for (const value of [true, false]) {
      const caller = await simulate({ quirks: { [name]: value } });
      expect(await see(caller), value ? 'on' : 'off').toEqual(value ? on : off);
    }
  });
});

describe('quirks', () => {
  it('can be switched while it runs, by text or JSON, and stand as at the start after a reset', async () => {
    const { get, simulator } = await simulate({ quirks: { 'thin-rows': false } });
    const isThin = async () => !('customfields' in (await get('Tickets?count=1')).body.tickets[0]);
    const tell = (body: string) => ask(`${simulator.url}/__simulator/quirks`, { method: 'POST', body });
    expect(await isThin()).toBe(false);
    expect((await tell('thin-rows=on, unordered=on')).body).toMatchObject({
      'thin-rows': true,
      unordered: true,
    });
    expect(await isThin()).toBe(true);
    expect((await tell('{"thin-rows": false}')).body['thin-rows']).toBe(false);
    expect(await isThin()).toBe(false);
    simulator.reset();
    expect(simulator.quirks).toMatchObject({ 'thin-rows': false, unordered: false, 'null-keeps': true });
    expect((await tell('{"thin-rows": "no"}')).body.error).toContain('true or false is wanted');
    expect((await tell('fat-rows=on')).body.error).toContain('"fat-rows" is no quirk');
  });

  it('are by default what the real API has', () => {
    expect(Object.entries(QUIRKS).filter(([, { on }]) => !on)).toHaveLength(9);
  });

  it.each(['thin-rows', 'thin-rows=maybe', 'fat=on'])('cannot be read from %s', (text) => {
    expect(() => parseQuirks(text)).toThrow(RangeError);
  });
});

describe('a page cap, a latency and a clock', () => {
  it('can be told, and refuse what is no number', async () => {
    const caller = await simulate();
    const { simulator } = caller;
    const tell = (path: string, body: string) =>
      ask(`${simulator.url}/__simulator/${path}`, { method: 'POST', body });
    await tell('latency', '500');
    expect(await patience(caller, 'Status')).toBe('waits');
    await tell('latency', '0');
    await tell('clock-skew', '-7200000');
    const { body } = await callerOf(simulator, ['all']).post('Tickets', [{ summary: 'x' }]);
    expect(Date.now() - Date.parse(`${body.last_update}Z`)).toBeGreaterThan(7_000_000);
    for (const path of ['latency', 'clock-skew']) expect((await tell(path, 'soon')).status).toBe(400);
    expect((await tell('latency', '-1')).status).toBe(400);
  });
});
