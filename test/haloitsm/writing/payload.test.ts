import { createRegistry, type JsonObject, type TransformerDefinition } from '@millrace/core';
import { transformerSuite } from '@millrace/core/testing';
import haloitsm from '@millrace/haloitsm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsToList, fieldsToObject } from '../../../packages/haloitsm/src/writing/custom-fields.ts';
import { fromHaloDate, toHaloDate } from '../../../packages/haloitsm/src/writing/halo-dates.ts';
import { haloEnv, run } from '../../support/command.ts';
import { findingsOf, openHalo, publishAll, writerTo, written } from '../../support/halo-writing.ts';
import { HALO_PROJECT, makeProject } from '../../support/project.ts';
import { simulate } from '../../support/simulator.ts';
import { testProject } from '../../support/tests.ts';

const registry = createRegistry([haloitsm]);
const component = (name: string) => {
  const found = registry.transformer(name);
  if (!found) throw new Error(`${name} is not there`);
  return found as TransformerDefinition as never;
};

describe('haloitsm.customfields', () => {
  transformerSuite({
    component: component('haloitsm.customfields'),
    options: { at: '*.customfields' },
    cases: [
      {
        given: {
          one: {
            customfields: [
              { name: 'CFa', value: 1 },
              { id: 7, value: 2 },
            ],
          },
          two: { customfields: {} },
        },
        expect: [{ one: { customfields: { 7: 2, CFa: 1 } }, two: { customfields: {} } }],
      },
      { given: { one: { customfields: null } }, expect: [{ one: { customfields: null } }] },
    ],
  });
});

describe('haloitsm.dates', () => {
  transformerSuite({
    component: component('haloitsm.dates'),
    options: { timezone: 'Europe/Amsterdam' },
    cases: [
      {
        given: { at: '2026-01-01T10:00:00', list: [{ at: '2026-07-01T10:00:00Z' }], text: 'at 10:00' },
        expect: [
          { at: '2026-01-01T11:00:00+01:00', list: [{ at: '2026-07-01T10:00:00Z' }], text: 'at 10:00' },
        ],
      },
    ],
  });
});

describe('a payload', () => {
  it('may have custom fields as an object; Halo gets its list, and other values stay', async () => {
    const simulator = await simulate({ tickets: 3 });
    const writer = writerTo(openHalo(simulator), { method: 'post', entity: 'Tickets' });
    const customfields = {
      CFcostCentre: 'CC-1',
      103: 4,
      CFimpactedService: [{ id: 2, name: 'Network' }],
      CFequipment: [{ CFequipmentName: 'Dock', CFequipmentCount: 2 }, { CFequipmentName: 'Screen' }],
    };
    await publishAll(writer, [{ payload: { id: 2, customfields } }]);
    const [, ticket] = simulator.records('Tickets');
    const fields = fieldsToObject(ticket?.['customfields'] as never);
    expect(fields).toMatchObject({
      CFcostCentre: 'CC-1',
      CFfloor: 4,
      CFimpactedService: [{ id: 2, name: 'Network' }],
      CFthirdPartyRef: '',
    });
    expect(fields['CFequipment']).toEqual([
      { id: expect.any(Number), CFequipmentName: 'Dock', CFequipmentCount: 2 },
      { id: expect.any(Number), CFequipmentName: 'Screen' },
    ]);
    // A table is replaced by the rows that are sent, unless it is said otherwise.
    const more = { CFequipment: { value: [{ CFequipmentName: 'Lamp' }], add_rows: true } };
    await publishAll(writer, [{ payload: { id: 2, customfields: more } }]);
    await publishAll(writer, [
      { payload: { id: 3, customfields: { CFequipment: [{ CFequipmentName: 'One' }] } } },
    ]);
    const tables = simulator
      .records('Tickets')
      .map((one) => fieldsToObject(one['customfields'] as never)['CFequipment'] as JsonObject[] | undefined);
    expect(tables.map((rows) => rows?.map((row) => row['CFequipmentName']))).toEqual([
      undefined,
      ['Dock', 'Screen', 'Lamp'],
      ['One'],
    ]);
  });

  it('may have dates with a zone, or of a zone; Halo gets them in UTC without one', async () => {
    const simulator = await simulate({ tickets: 1 });
    const writer = writerTo(openHalo(simulator), {
      method: 'post',
      entity: 'Tickets',
      timezone: 'Europe/Amsterdam',
    });
    const payload = {
      summary: '2026-07-01T12:00:00+02:00',
      targetdate: '2026-07-01T12:00:00.5+02:00',
      deadlinedate: '2026-01-01T12:00:00',
      startdate: '2026-07-01',
    };
    await publishAll(writer, [{ payload }]);
    expect(written(simulator)[0]?.body).toEqual([
      {
        summary: '2026-07-01T12:00:00+02:00',
        targetdate: '2026-07-01T10:00:00.500',
        deadlinedate: '2026-01-01T11:00:00',
        startdate: '2026-07-01',
      },
    ]);
  });

  it('comes back as it was written: custom fields, dates, and Markdown as HTML', async () => {
    const simulator = await simulate({ tickets: 1 });
    const project = await makeProject({
      ...HALO_PROJECT,
      'incoming/tickets.yaml': `
subscriber: { haloitsm: { client: halo, entity: Tickets, parameters: { query: { includedetails: true } } } }
entity: { type: ticket, identifier: id }
transformers:
  - haloitsm.customfields: {}
  - haloitsm.dates: { timezone: Europe/Amsterdam }
  - set: { text: "&{html_to_markdown(details_html)}" }
`,
      'routes/to-assets.yaml': `
incoming: tickets
outgoing: copies
transformers:
  - map:
      payload:
        summary: "Copy of &{id}"
        details_html: "&{markdown_to_html(text)}"
        dateoccurred: "&{dateoccurred}"
        customfields: { CFcostCentre: "&{customfields.CFcostCentre}", CFfloor: "&{customfields.CFfloor}" }
`,
      'outgoing/copies.yaml': 'publisher: { haloitsm: { client: halo, method: post, entity: Tickets } }',
    });
    simulator.save('Tickets', {
      id: 1,
      details_html: '<p>The <b>printer</b> is <a href="https://x.test/">off</a></p>',
    });
    const { json } = await run(project, haloEnv(simulator), '--limit', '1');
    expect(json.result.tasks).toEqual({ 'to-assets': { finished: 1 } });
    const [ticket, copy] = simulator.records('Tickets');
    expect(copy).toMatchObject({ dateoccurred: ticket?.['dateoccurred'] });
    expect(String(copy?.['details_html'])).toMatch(
      /<strong>printer<\/strong> is <a href="https:\/\/x.test\/">off<\/a>/,
    );
    const [before, after] = [ticket, copy].map((one) => fieldsToObject(one?.['customfields'] as never));
    expect(after).toEqual({ CFcostCentre: before?.['CFcostCentre'], CFfloor: before?.['CFfloor'] });
  });

  it('is checked with its custom fields in either form', async () => {
    const project = {
      ...HALO_PROJECT,
      'routes/to-assets.yaml': `
incoming: tickets
outgoing: assets
transformers:
  - map: { payload: { inventory_number: "T-&{id}", customfields: { CFa: 1 }, fields: [{ id: 1, value: x }] } }
`,
    };
    const { findings } = await testProject(project);
    expect(findings).toEqual([]);
  });
});

describe('custom fields', () => {
  it('are the same after a way to an object and back', () => {
    const name = fc.stringMatching(/^CF[A-Za-z]{1,8}$/);
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const row = fc.dictionary(name, value, { minKeys: 1 });
    const fields = fc.dictionary(name, fc.oneof(value, fc.array(row, { minLength: 1 })));
    fc.assert(
      fc.property(fields, (given) => {
        expect(fieldsToObject(fieldsToList(given as JsonObject))).toEqual(given);
      }),
    );
  });
});

describe('dates', () => {
  it('are the same moment on both ways, in any zone', () => {
    const zones = fc.constantFrom(
      'UTC',
      'Europe/Amsterdam',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
    );
    const moments = fc.date({
      min: new Date('1950-01-01'),
      max: new Date('2099-12-31'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(moments, zones, (moment, zone) => {
        const text = moment.toISOString().replace(/(?:\.000)?Z$/, '');
        const local = fromHaloDate(text, zone);
        expect(Date.parse(String(local))).toBe(moment.getTime());
        expect(toHaloDate(String(local), zone)).toBe(text);
      }),
    );
  });

  it('that are not set are null, and what is no date stays', () => {
    expect(['1900-01-01T00:00:00', '1899-12-30T00:00:00'].map((one) => fromHaloDate(one))).toEqual([
      null,
      null,
    ]);
    expect(['2026-07-01', 'tomorrow', '', '12:00'].map((one) => toHaloDate(one, 'Europe/Amsterdam'))).toEqual(
      ['2026-07-01', 'tomorrow', '', '12:00'],
    );
  });

  it('of a zone that there is not are found before anything runs', () => {
    expect(findingsOf({ method: 'post', entity: 'Tickets', timezone: 'Amsterdam' })).toMatchObject([
      { code: 'config.invalid_value', path: ['timezone'] },
    ]);
  });
});
