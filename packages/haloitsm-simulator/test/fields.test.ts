import { describe, expect, it } from 'vitest';
import { ask, simulate } from './support.ts';

type Field = { id: number; name: string; label: string; type: number; value: unknown; display?: string };

const of = (body: { customfields: Field[] }, name: string) =>
  body.customfields.find((field) => field.name === name);

describe('custom fields', () => {
  it('have id, name, label, type and value, and can be resolved by what the desk knows of them', async () => {
    const { get } = await simulate();
    const { body: ticket } = await get('Tickets/7');
    const { body: infos } = await get('FieldInfo');
    for (const { id, name, label, type } of ticket.customfields as Field[]) {
      expect(infos.find((info: Field) => info.id === id)).toMatchObject({ name, label, type });
    }
    expect(of(ticket, 'CFimpactedService')).toMatchObject({ type: 2, display: expect.any(String) });
    expect(of(ticket, 'CFequipment')?.value).toMatchObject([
      { id: 1, customfields: [{ name: 'CFequipmentName', value: 'Dock' }, { name: 'CFequipmentCount' }] },
      { id: 2 },
    ]);
  });

  it('written by name alone become what the desk knows of them', async () => {
    const { post } = await simulate();
    const { body } = await post('Users', [
      { id: 1, customfields: [{ name: 'CFemployeeNumber', value: 'E-1' }] },
    ]);
    expect(of(body, 'CFemployeeNumber')).toEqual({
      id: 110,
      name: 'CFemployeeNumber',
      label: 'Employee number',
      type: 0,
      value: 'E-1',
    });
  });

  it('of a choice show the text of what was chosen', async () => {
    const { post } = await simulate();
    const choose = async (value: unknown) =>
      of((await post('Tickets', [{ id: 1, customfields: [{ id: 104, value }] }])).body, 'CFimpactedService');
    expect(await choose([{ id: 4, name: 'Payroll' }])).toMatchObject({ display: 'Payroll' });
    expect(await choose(2)).not.toHaveProperty('display');
  });

  it('that are tables lose the rows that are not sent, unless they are to be added', async () => {
    const { post } = await simulate();
    const write = async (field: object) => {
      const { body } = await post('Tickets', [{ id: 7, customfields: [{ id: 105, ...field }] }]);
      const rows = (of(body, 'CFequipment')?.value ?? []) as { id: number; customfields: Field[] }[];
      return rows.map(({ id, customfields }) => `${id} ${customfields.map(({ value }) => value).join(' ')}`);
    };
    const row = (name: string) => ({ customfields: [{ id: 106, value: name }] });
    expect(await write({ value: [row('Phone')], add_rows: true })).toEqual([
      '1 Dock 1',
      '2 Screen 2',
      '3 Phone',
    ]);
    expect(await write({ value: [{ id: 2, ...row('Monitor') }], dont_delete_rows: true })).toEqual([
      '1 Dock 1',
      '2 Monitor 2',
      '3 Phone',
    ]);
    expect(await write({ value: [], add_rows: true, delete_these_rows: [1] })).toEqual([
      '2 Monitor 2',
      '3 Phone',
    ]);
    expect(await write({ value: [row('Mouse')] })).toEqual(['4 Mouse']);
  });
});

describe('reference data', () => {
  it.each([
    ['Status', 'name', 'In Progress'],
    ['Priority', 'name', 'High'],
    ['TicketType', 'name', 'Incident'],
    ['Team', 'name', '1st Line'],
    ['Agent', 'name', 'Integration'],
    ['SLA', 'name', 'Premium SLA'],
    ['Category', 'value', undefined],
    ['Outcome', 'outcome', 'Private Note'],
    ['AssetType', 'name', 'Laptop'],
    ['FieldInfo', 'name', 'CFfloor'],
  ])('%s can be resolved by its %s', async (path, member, name) => {
    const { get } = await simulate();
    const rows = (await get(path)).body as readonly Record<string, unknown>[];
    const found = rows.filter((row) => name === undefined || row[member] === name);
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toHaveProperty('id');
  });

  it('names a priority by SLA and number, beside its GUID', async () => {
    const { get } = await simulate();
    const { body } = await get('Priority?slaid=2');
    expect(
      body.map(({ priorityid, name }: { priorityid: number; name: string }) => [priorityid, name]),
    ).toEqual([
      [1, 'Critical'],
      [2, 'High'],
      [3, 'Medium'],
      [4, 'Low'],
    ]);
  });

  it('can be renamed, doubled and taken away by people at the desk', async () => {
    const { get, simulator } = await simulate();
    simulator.save('Status', { id: 2, name: 'Being worked on' });
    simulator.save('Team', { name: '1st Line' });
    simulator.remove('TicketType', 4);
    const names = async (path: string) => (await get(path)).body.map(({ name }: { name: string }) => name);
    expect(await names('Status')).toContain('Being worked on');
    expect((await names('Team')).filter((name: string) => name === '1st Line')).toHaveLength(2);
    expect(await names('TicketType')).not.toContain('Problem');
  });
});

describe('an own reference', () => {
  it('is found in the custom field that a search looks through', async () => {
    const { get, post } = await simulate();
    await post('Tickets', [{ summary: 'Ours', customfields: [{ id: 102, value: 'OURS-4711' }] }]);
    await post('Tickets', [{ summary: 'Other', customfields: [{ id: 101, value: 'OURS-4711' }] }]);
    const { tickets } = (await get('Tickets?search=ours-4711')).body;
    expect(tickets).toMatchObject([{ summary: 'Ours' }]);
  });

  it.each([
    ['Asset', { inventory_number: 'REF-1', client_id: 1 }, 'inventory_number=REF-1', 'assets'],
    ['Asset', { inventory_number: 'REF-2' }, 'search=ref-2&search_inventory_number_only=true', 'assets'],
    ['Asset', { inventory_number: 'A', third_party_id: 'REF-3' }, 'search=ref-3', 'assets'],
    ['Users', { name: 'Ann', emailaddress: 'ann@ref-4.example' }, 'search=ann@ref-4', 'users'],
    ['Tickets', { summary: 'x', reportedby: 'REF-5' }, 'search_reportedby=ref-5', 'tickets'],
    ['Tickets', { summary: 'REF-6 broken' }, 'search_summary=ref-6', 'tickets'],
    [
      'Tickets',
      { summary: 'x', customfields: [{ name: 'CFcostCentre', value: 'REF-7' }] },
      `advanced_search=${encodeURIComponent('[{"filter_name":"CFcostCentre","filter_type":2,"filter_value":"REF-7"}]')}`,
      'tickets',
    ],
    ['ExternalLink', { third_party_id: 'REF-8', halo_id: 3, table_id: 1 }, 'third_party_id=REF-8', 'links'],
  ])('of %s is found', async (path, fields, query, key) => {
    const { get, post } = await simulate();
    const { body } = await post(path, [fields]);
    const found = (await get(`${path}?${query}`)).body[key];
    expect(found.map(({ id }: { id: number }) => id)).toEqual([body.id]);
  });

  it('of a client finds its tickets', async () => {
    const { get, post } = await simulate();
    await post('Client', [{ id: 3, ref: 'C-3' }]);
    const { tickets } = (await get('Tickets?client_ref=C-3')).body;
    expect(tickets.length).toBeGreaterThan(0);
    for (const { client_id } of tickets) expect(client_id).toBe(3);
  });

  it('given as _match_thirdparty_id updates what holds it, and makes what does not', async () => {
    const { post, simulator } = await simulate();
    const write = (name: string) => post('Client', [{ _match_thirdparty_id: 'EXT-1', name }]);
    const [first, second] = [await write('One'), await write('Two')];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toMatchObject({ id: first.body.id, name: 'Two', third_party_id: 'EXT-1' });
    expect(simulator.records('Client')).toHaveLength(26);
  });
});

describe('files', () => {
  const data = Buffer.from('hello').toString('base64');

  it('come with a new ticket or action, in its body or uploaded before', async () => {
    const { get, post } = await simulate();
    const file = { filename: 'a.txt', data_base64: `data:text/plain;base64,${data}` };
    const { body: ticket } = await post('Tickets', [{ summary: 'x', attachments: [file] }]);
    expect(ticket).toMatchObject({ id: 121, attachment_count: 1 });
    const { body: uploaded } = await post('Attachment', [{ filename: 'b.txt', data_base64: data }]);
    const note = { ticket_id: 121, outcome: 'Note', note: 'see file', attachments: [{ id: uploaded.id }] };
    const { body: action } = await post('Actions', [note]);
    expect(action).toMatchObject({ id: 1, attachment_count: 1 });
    const { attachments } = (await get('Attachment?ticket_id=121')).body;
    expect(attachments).toMatchObject([
      { filename: 'a.txt', filesize: 5 },
      { filename: 'b.txt', action_id: 1 },
    ]);
    expect((await get(`Attachment/${attachments[0].id}`)).text).toBe('hello');
    const { actions } = (await get('Actions?ticket_id=121&includeattachments=true')).body;
    expect(actions[0].attachments).toMatchObject([{ id: uploaded.id, filename: 'b.txt' }]);
  });

  it('come as a form, with the ticket in the query or in the form', async () => {
    const { get, simulator } = await simulate();
    const headers = { authorization: `Bearer ${simulator.token()}` };
    const upload = (query: string, ticket?: string) => {
      const body = new FormData();
      body.set('file', new File(['%PDF-'], 'invoice.pdf'));
      if (ticket !== undefined) body.set('ticket_id', ticket);
      return ask(`${simulator.url}/api/Attachment/image${query}`, { method: 'POST', body, headers });
    };
    expect((await upload('?ticket_id=3')).body).toMatchObject({ ticket_id: 3, isimage: false, filesize: 5 });
    expect((await upload('', '3')).body).toMatchObject({ ticket_id: 3 });
    expect((await get('Tickets/3')).body.attachment_count).toBe(2);
    expect((await upload('?ticket_id=4711')).status).toBe(400);
  });

  it('of any size come back to the byte, and a body beyond all measure is refused', async () => {
    const { get, post, simulator } = await simulate();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 256));
    const file = { ticket_id: 1, filename: 'big.bin', data_base64: bytes.toString('base64') };
    const { body } = await post('Attachment', [file]);
    const headers = { authorization: `Bearer ${simulator.token()}` };
    const answer = await fetch(`${simulator.url}/api/Attachment/${body.id}`, { headers });
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    expect((await get(`Attachment/${body.id}?includedetails=true`)).body).not.toHaveProperty('data_base64');
    expect((await post('Attachment', 'x'.repeat(65 * 1024 * 1024))).status).toBe(413);
  });
});

describe('local times', () => {
  it('are shown where utcoffset asks for them', async () => {
    const { get } = await simulate();
    const plain = (await get('Tickets/1')).body;
    const local = (await get('Tickets/1?utcoffset=240')).body;
    expect(Date.parse(`${plain.dateoccurred}Z`) - Date.parse(`${local.dateoccurred}Z`)).toBe(240 * 60_000);
    expect(local.targetdate).toBe(plain.targetdate);
    const [row] = (await get('Tickets?count=1&utcoffset=-60')).body.tickets;
    expect(Date.parse(`${row.dateoccurred}Z`) - Date.parse(`${plain.dateoccurred}Z`)).toBe(60 * 60_000);
  });
});
