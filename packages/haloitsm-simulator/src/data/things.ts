import { BASE, DAY, haloDate, NO_DATE } from './dates.ts';
import { ASSET_FIELDS } from './fields.ts';
import { paragraphs, toHtml } from './html.ts';
import { ASSET_TYPES } from './lookups.ts';
import type { Random } from './random.ts';
import type { Records } from './records.ts';
import { THINGS } from './words.ts';

export function seedAssets(records: Records, random: Random): void {
  const sites = records.all('Site');
  for (let id = 1; id <= 60; id++) {
    const site = random.pick(sites);
    const type = random.integer(1, ASSET_TYPES.length);
    const serial = random.hex(10).toUpperCase();
    const values = [serial, random.pick(['Windows 11', 'macOS 15', 'Ubuntu 24.04', '']), '', '849.00'];
    values[2] = haloDate(BASE + random.integer(-400, 900) * DAY);
    records.put('Asset', {
      id,
      inventory_number: `PC-${String(id).padStart(5, '0')}`,
      key_field: serial,
      key_field2: '',
      key_field3: '',
      assettype_id: type,
      assettype_name: ASSET_TYPES[type - 1] ?? '',
      client_id: site['client_id'] ?? 1,
      client_name: site['client_name'] ?? '',
      site_id: site['id'] ?? 1,
      site_name: site['name'] ?? '',
      business_owner_id: 0,
      technical_owner_id: 0,
      supplier_id: 0,
      supplier_contract_id: 0,
      sla_id: -1,
      priority_id: -1,
      criticality: 0,
      itemstock_id: 0,
      inactive: false,
      status_id: 1,
      third_party_id: 0,
      warranty_end: values[2],
      fields: ASSET_FIELDS.map(([field, name], index) => ({
        id: field,
        name,
        value: values[index] ?? '',
        display: values[index] ?? '',
      })),
      key: id,
      table: 0,
      use: 'asset',
      last_modified: haloDate(BASE - random.integer(1, 300) * DAY),
    });
  }
}

export function seedArticles(records: Records, random: Random): void {
  for (let id = 1; id <= 25; id++) {
    const thing = random.pick(THINGS);
    const text = paragraphs(random, 2);
    const resolution = paragraphs(random, 2);
    const edited = haloDate(BASE - id * DAY);
    records.put('KBArticle', {
      id,
      name: `What to do when the ${thing.toLowerCase()} fails`,
      abstract: text.slice(0, 80),
      description: text,
      description_html: toHtml(text),
      resolution,
      resolution_html: toHtml(resolution),
      type: 0,
      view_count: random.integer(0, 400),
      useful_count: random.integer(0, 40),
      notuseful_count: random.integer(0, 5),
      inactive: false,
      date_created: haloDate(BASE - (id + 200) * DAY),
      date_edited: edited,
      next_review_date: NO_DATE,
    });
  }
}

/** Three reports that work, and one that says that it does not, with HTTP 200. */
export function seedReports(records: Records): void {
  const names: readonly (readonly [string, string])[] = [
    ['Tickets', 'SELECT Faultid, Symptom FROM Faults'],
    ['Agents', 'SELECT * FROM Uname'],
    ['Customers', 'SELECT * FROM Area'],
    ['A report that fails', 'SELECT * FROM FaultsOld'],
  ];
  names.forEach(([name, sql], index) => {
    const rest = { type: 0, group_id: 1, group_name: 'Service desk', systemreportid: 0 };
    records.put('Report', { id: index + 1, name, description: '', sql, ...rest });
  });
}
