import { describe, expect, it } from 'vitest';
import { simulate } from './support.ts';

describe('POST', () => {
  it('creates what has no id, and answers 201 with the record', async () => {
    const { get, post } = await simulate();
    const { status, body } = await post('Asset', [{ inventory_number: 'T-1', client_id: 3 }]);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      id: 61,
      inventory_number: 'T-1',
      client_id: 3,
      client_name: expect.any(String),
    });
    expect((await get('Asset/61')).body).toEqual(body);
    expect((await post('Asset', [{ id: 0, assettype_id: '1', client_id: '3' }])).body).toMatchObject({
      id: 62,
      assettype_id: 1,
      client_id: 3,
    });
  });

  it('updates what has an id, only in the fields that are given and not null', async () => {
    const { get, post } = await simulate();
    const before = (await get('Tickets/7')).body;
    const { status, body } = await post('Tickets', [
      { id: 7, summary: 'Changed', details: null, _isimport: true },
    ]);
    expect(status).toBe(201);
    expect(body).toEqual({ ...before, summary: 'Changed', last_update: body.last_update });
    expect(body.last_update > before.last_update).toBe(true);
    expect(await post('Tickets', [{ id: 999999, summary: 'x' }])).toMatchObject({ status: 404, text: '' });
  });

  it('answers only the last of several, or all where returnall asks', async () => {
    const { post, simulator } = await simulate();
    const three = [1, 2, 3].map((n) => ({ summary: `Ticket ${n}` }));
    expect((await post('Tickets', three)).body).toMatchObject({ id: 123, summary: 'Ticket 3' });
    expect((await post('Tickets?returnall=true', three)).body).toMatchObject([
      { id: 124 },
      { id: 125 },
      { id: 126 },
    ]);
    expect(simulator.records('Tickets')).toHaveLength(126);
  });

  it('keeps nothing of an array with one refused element', async () => {
    const { post, simulator } = await simulate();
    expect((await post('Tickets', [{ summary: 'good' }, { details: 'no summary' }])).status).toBe(400);
    expect(simulator.records('Tickets')).toHaveLength(120);
  });

  it('fills in the names beside ids, and the place of a user', async () => {
    const { post, simulator } = await simulate();
    const [user] = simulator.records('Users');
    const { body } = await post('Tickets', [
      { summary: 'x', user_id: user?.['id'], status_id: 9, agent_id: 4 },
    ]);
    expect(body).toMatchObject({
      user_name: user?.['name'],
      site_id: user?.['site_id'],
      client_id: user?.['client_id'],
      client_name: user?.['client_name'],
      status_name: 'Closed',
      agent_name: simulator.records('Agent')[3]?.['name'],
      dateclosed: body.last_update,
    });
    const reopened = (await post('Tickets', [{ id: body.id, status_id: 2 }])).body;
    expect(reopened).not.toHaveProperty('dateclosed');
  });

  it('merges custom fields by id or name, and asset fields by id', async () => {
    const { post, simulator } = await simulate();
    const before = simulator.records('Tickets')[0]?.['customfields'];
    const { body } = await post('Tickets', [
      {
        id: 1,
        customfields: [
          { id: '101', value: 'CC-1' },
          { name: 'CFfloor', value: 99 },
          { id: 200, value: 'new' },
        ],
      },
    ]);
    expect(before).toHaveLength(4);
    expect(body.customfields).toHaveLength(5);
    expect(body.customfields).toMatchObject([
      { id: 101, name: 'CFcostCentre', value: 'CC-1' },
      { id: 102 },
      { id: 103, value: 99 },
      { id: 104 },
      { id: 200, value: 'new' },
    ]);
    const asset = (await post('Asset', [{ id: 1, fields: [{ id: '1', value: 'SN' }] }])).body;
    expect(asset.fields[0]).toMatchObject({ id: 1, name: 'Serial number', value: 'SN' });
  });

  it('does not keep flags, nor names that reach the prototype', async () => {
    const { post } = await simulate();
    const text = '[{"summary":"x","_validate_updates":true,"dont_do_rules":true,"__proto__":{"polluted":1}}]';
    const { body } = await post('Tickets', text);
    expect(Object.keys(body)).not.toEqual(
      expect.arrayContaining(['_validate_updates', 'dont_do_rules', '__proto__']),
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('a POST that cannot be read', () => {
  it.each([
    [
      '[{"client_id": "x", "inventory_number": "A"}]',
      'client_id',
      'Could not convert string to integer: x.',
      18,
    ],
    ['[{"client_id":"95.0"}]', 'client_id', 'Could not convert string to integer: 95.0.', 20],
    ['[{"a":{"b":["}"]},"site_id":1.5}]', 'site_id', "Input string '1.5' is not a valid integer.", 31],
    ['[{"inactive":"perhaps"}]', 'inactive', 'Could not convert string to boolean: perhaps.', 22],
    ['[{"warranty_end":"soon"}]', 'warranty_end', 'Could not convert string to DateTime: soon.', 23],
    [
      '[{"inventory_number":{}}]',
      'inventory_number',
      'Error reading string. Unexpected token: StartObject.',
      23,
    ],
  ])('%s says where and why', async (text, field, why, position) => {
    const { post } = await simulate();
    const path = `[0].${field}`;
    expect(await post('Asset', text)).toMatchObject({
      status: 400,
      body: { [path]: [`${why} Path '${path}', line 1, position ${position}.`] },
    });
  });

  it('names the element and the line', async () => {
    const { post } = await simulate();
    const { body } = await post('Asset', '[\n  {"client_id": 1},\n  {"client_id": "nobody"}\n]');
    expect(Object.keys(body)).toEqual(['[1].client_id']);
    expect(body['[1].client_id'][0]).toContain("Path '[1].client_id', line 3, position 24.");
  });

  it('is refused for its shape, its syntax, or its type', async () => {
    const { post } = await simulate();
    expect((await post('Asset', { client_id: 1 })).body['']).toMatchObject([
      expect.stringContaining('JSON array'),
    ]);
    expect((await post('Tickets/Object', [{ summary: 'x' }])).status).toBe(400);
    expect((await post('Tickets/Object', { summary: 'x' })).status).toBe(201);
    expect((await post('Asset', '[{')).body['']).toMatchObject([
      expect.stringContaining('Unexpected character'),
    ]);
    expect((await post('Asset', '')).status).toBe(400);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await post('Asset', 'client_id=1', form)).toMatchObject({ status: 415, text: '' });
    expect(
      (await post('Asset', '[{"client_id":1,"inventory_number":"A"}]', { 'content-type': 'text/json' }))
        .status,
    ).toBe(201);
  });
});

describe('a POST that is against a rule', () => {
  it('names a record that there is not, as an exception', async () => {
    const { post } = await simulate();
    const { status, body } = await post('Asset', [{ inventory_number: 'A', client_id: 9999 }]);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      ClassName: 'System.Exception',
      Message: 'The Client with id 9999 does not exist.',
    });
  });

  it.each([
    ['Tickets', [{ details: 'no summary' }], 'Please enter a Summary.'],
    ['Actions', [{ ticket_id: 1, note: 'no outcome' }], 'Please select an Outcome.'],
    ['Actions', [{ ticket_id: 99999, outcome: 'Note' }], 'Ticket 99999 does not exist.'],
    ['Certificate', [{ name: 'x' }], 'Password is mandatory'],
    ['TimesheetEvent', [{ subject: 'x' }], expect.stringContaining('(515)')],
  ])('%s: %o is an exception with HTTP 400', async (path, body, message) => {
    const { post } = await simulate();
    expect(await post(path, body)).toMatchObject({ status: 400, body: { Message: message } });
  });

  it('is a bare JSON string elsewhere', async () => {
    const { post } = await simulate();
    expect((await post('SLA', [{ name: 'New' }])).text).toBe('"Priority Description must not be blank"');
    expect((await post('FieldInfo', [{ name: 'New' }])).text).toBe('"No matching custom table"');
    expect(await post('CRMNoteReply', [{ note: 'x' }])).toMatchObject({ status: 401, text: '' });
  });

  it('is let through where it is an import', async () => {
    const { post } = await simulate();
    expect((await post('Tickets', [{ details: 'no summary', _isimport: true }])).status).toBe(201);
  });
});

describe('DELETE', () => {
  it('answers the record, and a second time 404 with no body', async () => {
    const { delete: remove, get, post } = await simulate();
    const { body } = await post('Asset', [{ inventory_number: 'A', client_id: 1 }]);
    expect(await remove(`Asset/${body.id}`)).toMatchObject({ status: 200, body: { id: body.id } });
    expect(await remove(`Asset/${body.id}`)).toMatchObject({ status: 404, text: '' });
    expect(await get(`Asset/${body.id}`)).toMatchObject({ status: 404, text: '' });
  });

  it('keeps a ticket as deleted, until it is recovered', async () => {
    const { delete: remove, get, post } = await simulate();
    expect((await remove('Tickets/5?reason=spam')).status).toBe(200);
    expect((await get('Tickets/5')).status).toBe(404);
    expect((await remove('Tickets/5')).status).toBe(404);
    expect((await post('Tickets', [{ id: 5, summary: 'x' }])).status).toBe(404);
    expect((await get('Tickets?deleted=true')).body.tickets).toMatchObject([{ id: 5 }]);
    expect((await post('Tickets', [{ id: 5, _recover: true, _validate_updates: true }])).status).toBe(201);
    expect((await get('Tickets/5')).status).toBe(200);
  });

  it('wants one more parameter for some', async () => {
    const { delete: remove, get } = await simulate();
    expect(await remove('Field/1')).toMatchObject({ status: 400, text: '"Field kind must be specified"' });
    expect(await remove('Lookup/1')).toMatchObject({ status: 400, text: '"lookupid must be specified"' });
    expect((await remove('Actions/1')).status).toBe(400);
    expect((await remove('Field/1?kind=T')).status).toBe(200);
    expect((await remove('Lookup/1?lookupid=27')).status).toBe(200);
    expect((await get('Lookup?lookupid=27')).body).toHaveLength(2);
    expect((await get('Lookup?lookupid=28')).body).toHaveLength(3);
    expect((await remove('Actions/1?ticket_id=4')).status).toBe(200);
  });

  it('refuses what others name', async () => {
    const { delete: remove, simulator } = await simulate();
    const [priority] = simulator.records('Priority');
    for (const path of ['Client/1', 'Status/1', `Priority/${String(priority?.['id'])}`]) {
      const { status, body } = await remove(path);
      expect(status).toBe(400);
      expect(body).toMatch(/has (Tickets|Assets) linked to it\. Please give these .* before deleting/);
    }
  });
});

describe('a path', () => {
  it('is read in any letter case; an id that is none is 400, an unknown one 404, another method 405', async () => {
    const { get, simulator } = await simulate();
    expect((await get('tickets/1')).body.id).toBe(1);
    expect(await get('Actions/AC12')).toMatchObject({
      status: 400,
      body: { id: ["The value 'AC12' is not valid."] },
    });
    expect(await get('Tickets/999999')).toMatchObject({ status: 404, text: '' });
    expect(await get('NoSuchThing')).toMatchObject({ status: 404, text: '' });
    expect((await get('Tickets/%zz')).status).toBe(400);
    const headers = { authorization: `Bearer ${simulator.token()}` };
    const patch = await fetch(`${simulator.url}/api/Tickets`, { method: 'PATCH', headers });
    expect(patch.status).toBe(405);
  });
});
