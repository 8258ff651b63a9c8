import { describe, expect, it } from 'vitest';
import { simulate } from './support.ts';

const ids = (rows: readonly { id: number }[]) => rows.map((row) => row.id);

describe('a list that pages', () => {
  it('ignores the paging parameters without pageinate, and gives 50', async () => {
    const { get } = await simulate();
    const { body } = await get('Tickets?page_size=10&page_no=2');
    expect(body.tickets).toHaveLength(50);
    expect(body).toMatchObject({ record_count: 50 });
    expect(body).not.toHaveProperty('page_no');
    expect((await get('Tickets?count=7')).body.tickets).toHaveLength(7);
  });

  it('caps a page without saying so, and announces the total', async () => {
    const { get, simulator } = await simulate();
    const { body } = await get('Tickets?pageinate=true&page_size=1000&page_no=1');
    expect(body).toMatchObject({ page_no: 1, page_size: 1000, record_count: 120 });
    expect(body.tickets).toHaveLength(100);
    simulator.setPageCap(25);
    expect((await get('Tickets?pageinate=true&page_size=100&page_no=5')).body.tickets).toHaveLength(20);
    expect((await get('Tickets?pageinate=true&page_size=100&page_no=6')).body).toMatchObject({
      record_count: 120,
      tickets: [],
    });
  });

  it('gives every record once over its pages', async () => {
    const { get } = await simulate();
    const pages = [];
    for (const page of [1, 2, 3]) {
      const { body } = await get(
        `Tickets?pageinate=true&page_size=50&page_no=${page}&order=id&orderdesc=true`,
      );
      pages.push(...ids(body.tickets));
    }
    expect(pages).toEqual(Array.from({ length: 120 }, (_, index) => 120 - index));
  });

  it('takes a missing page_no for the first page, or for no paging where it is strict', async () => {
    const { get } = await simulate();
    expect((await get('Tickets?pageinate=true&page_size=3')).body.tickets).toHaveLength(3);
    const strict = await simulate({ strictPaging: true });
    expect((await strict.get('Tickets?pageinate=true&page_size=3')).body.tickets).toHaveLength(50);
  });

  it('refuses numbers that are none', async () => {
    const { get } = await simulate();
    expect(await get('Tickets?pageinate=true&page_no=one')).toMatchObject({
      status: 400,
      body: { page_no: ["The value 'one' is not valid."] },
    });
  });

  it('moves rows between pages where it is told to, unless an order is asked for', async () => {
    const { get } = await simulate({ unordered: true });
    const page = () => get('Tickets?pageinate=true&page_size=100&page_no=1');
    expect(ids((await page()).body.tickets)).not.toEqual(ids((await page()).body.tickets));
    const sorted = await get('Tickets?pageinate=true&page_size=5&page_no=1&order=id');
    expect(ids(sorted.body.tickets)).toEqual([1, 2, 3, 4, 5]);
  });

  it('counts records that are made while it is read', async () => {
    const { get, simulator } = await simulate();
    const count = async () => (await get('Tickets?pageinate=true&page_size=1&page_no=1')).body.record_count;
    expect(await count()).toBe(120);
    simulator.save('Tickets', { summary: 'Another' });
    expect(await count()).toBe(121);
    simulator.remove('Tickets', 1);
    expect(await count()).toBe(120);
  });
});

describe('an envelope', () => {
  it.each([
    ['Asset', 'assets'],
    ['Client', 'clients'],
    ['Site', 'sites'],
    ['Users', 'users'],
    ['KBArticle', 'articles'],
    ['Projects', 'tickets'],
    ['Quotation', 'quotes'],
    ['LicenseInfo', 'results'],
  ])('of %s holds its rows under %s', async (path, key) => {
    const { get } = await simulate();
    const { body } = await get(`${path}?pageinate=true&page_size=2&page_no=1`);
    expect(body).toMatchObject({ page_no: 1, page_size: 2, record_count: expect.any(Number) });
    expect(body[key]).toBeInstanceOf(Array);
  });

  it.each(['Status', 'Priority', 'TicketType', 'Team', 'SLA', 'Category', 'AssetType', 'Webhook'])(
    'is not there for %s, whose list ignores paging',
    async (path) => {
      const { get } = await simulate();
      const plain = (await get(path)).body;
      expect(plain).toBeInstanceOf(Array);
      expect((await get(`${path}?pageinate=true&page_size=1&page_no=1`)).body).toEqual(plain);
    },
  );

  it('comes around agents only where they page', async () => {
    const { get } = await simulate();
    expect((await get('Agent')).body).toHaveLength(12);
    const { body } = await get('Agent?pageinate=true&page_size=5&page_no=3');
    expect(body).toMatchObject({ page_no: 3, record_count: 12 });
    expect(body.results).toHaveLength(2);
  });

  it('of actions repeats the ticket', async () => {
    const { get } = await simulate();
    expect((await get('Actions?ticket_id=3')).body).toMatchObject({
      ticket_id: 3,
      record_count: expect.any(Number),
    });
    expect((await get('Actions?ticket_id=999999')).text).toBe(
      '{"record_count":0,"ticket_id":999999,"actions":[]}',
    );
  });

  it('of appointments holds all of them, whatever page is asked for', async () => {
    const { get, simulator } = await simulate();
    for (const id of [1, 2, 3]) simulator.save('Appointment', { subject: `Meeting ${id}` });
    const { body } = await get('Appointment?pageinate=true&page_size=1&page_no=2');
    expect(body.appointments).toHaveLength(3);
  });
});

describe('a row of a list', () => {
  it('is thinner than the single record, and leaves out what is null', async () => {
    const { get } = await simulate();
    const [row] = (await get('Tickets?count=1')).body.tickets;
    const { body: single } = await get(`Tickets/${row.id}?includedetails=true`);
    expect(row).not.toHaveProperty('customfields');
    expect(row).not.toHaveProperty('agent_name');
    expect(single).toMatchObject({
      id: row.id,
      agent_name: expect.any(String),
      details_html: expect.stringContaining('<p'),
      priority: { priorityid: expect.any(Number) },
    });
    expect(single.customfields[0]).toMatchObject({ id: 101, name: expect.stringMatching(/^CF/) });
    expect(Object.values(row)).not.toContain(null);
  });

  it('of a ticket weighs what a real one does', async () => {
    const { get } = await simulate({ tickets: 300 });
    const { text } = await get('Tickets?pageinate=true&page_size=100&page_no=1');
    expect(text.length / 100).toBeGreaterThan(1500);
    expect(text.length / 100).toBeLessThan(3000);
  });

  it('brings more where a parameter asks for it', async () => {
    const { get } = await simulate();
    const [row] = (await get('Tickets?count=1&includeagent=true&includestatus=true')).body.tickets;
    expect(row).toMatchObject({ agent_name: expect.any(String), status_name: expect.any(String) });
    expect((await get('Tickets?count=2&idonly=true')).text).toBe(
      '{"record_count":2,"tickets":[{"id":1},{"id":2}]}',
    );
    const { actions } = (await get('Actions?ticket_id=1')).body;
    expect(actions[0]).not.toHaveProperty('note_html');
    expect((await get('Actions?ticket_id=1&includehtmlnote=true')).body.actions[0].note_html).toContain('<p');
  });

  it('writes some ids as decimals and priorities by GUID', async () => {
    const { get } = await simulate();
    expect((await get('Site?count=1')).text).toMatch(/"client_id":\d+\.0,/);
    expect((await get('Users?count=1')).text).toMatch(/"site_id":\d+\.0,"site_id_int":\d+,/);
    expect((await get('Site/1')).text).toMatch(/"client_id":1\.0,/);
    const [priority] = (await get('Priority')).body;
    expect(priority.id).toMatch(/^[0-9a-f]{8}-/);
    expect(priority.priorityid).toBe(1);
    expect((await get(`Priority/${priority.id}`)).body).toEqual(priority);
  });

  it('has dates without a zone, and sentinels where a date is not set', async () => {
    const { get } = await simulate();
    const [row] = (await get('Tickets?count=1')).body.tickets;
    expect(row.dateoccurred).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?$/);
    expect(row.targetdate).toBe('1900-01-01T00:00:00');
  });
});

describe('a filter', () => {
  it('tells open tickets from closed ones', async () => {
    const { get } = await simulate();
    const count = async (query: string) =>
      (await get(`Tickets?pageinate=true&page_no=1&page_size=1${query}`)).body.record_count;
    const [all, open, closed] = [
      await count(''),
      await count('&open_only=true'),
      await count('&closed_only=true'),
    ];
    expect(open + closed).toBe(all);
    expect(closed).toBeGreaterThan(0);
    expect(await count('&status=8,9')).toBe(closed);
  });

  it('narrows by ids, in whatever letter case its name is written', async () => {
    const { get } = await simulate();
    for (const query of ['client_id=3', 'Client_ID=3', 'client_ids=3']) {
      const { tickets } = (await get(`Tickets?${query}`)).body;
      expect(tickets.length).toBeGreaterThan(0);
      expect(tickets.every((row: { client_id: number }) => row.client_id === 3)).toBe(true);
    }
    expect(ids((await get('Tickets?ticketids=5,7')).body.tickets)).toEqual([5, 7]);
    expect((await get('Tickets?no_such_parameter=1')).body.tickets).toHaveLength(50);
  });

  it('searches', async () => {
    const { get } = await simulate();
    const { tickets } = (await get('Tickets?search=printer')).body;
    expect(tickets.length).toBeGreaterThan(0);
    for (const row of tickets) expect(JSON.stringify(row).toLowerCase()).toContain('printer');
    expect((await get('Asset?search=PC-00007')).body.assets).toMatchObject([{ id: 7 }]);
  });

  it('finds what changed since a moment, by lastupdatefromdate and by datesearch', async () => {
    const { get, post } = await simulate();
    const { body: changed } = await post('Tickets', [{ id: 5, summary: 'Changed' }]);
    for (const query of [
      `lastupdatefromdate=${changed.last_update}`,
      `lastupdatefromdate=${changed.last_update}Z`,
      `datesearch=last_update&startdate=${changed.last_update}`,
    ]) {
      expect(ids((await get(`Tickets?${query}`)).body.tickets)).toEqual([5]);
    }
    const [row] = (await get('Tickets?count=1')).body.tickets;
    const window = `startdate=${row.dateoccurred}&enddate=${row.dateoccurred}`;
    for (const field of ['dateoccured', 'dateoccurred']) {
      expect(ids((await get(`Tickets?datesearch=${field}&${window}`)).body.tickets)).toEqual([row.id]);
    }
    expect(await get('Tickets?lastupdatefromdate=yesterday')).toMatchObject({
      status: 400,
      body: { lastupdatefromdate: ["The value 'yesterday' is not valid."] },
    });
  });

  it('hides what is inactive unless asked', async () => {
    const { get, simulator } = await simulate();
    simulator.save('Asset', { id: 1, inactive: true });
    const count = async (query: string) =>
      (await get(`Asset?pageinate=true&page_no=1${query}`)).body.record_count;
    expect([await count(''), await count('&includeinactive=true')]).toEqual([59, 60]);
  });
});
