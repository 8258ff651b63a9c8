import { BASE, DAY, haloDate } from './dates.ts';
import { customField } from './fields.ts';
import type { JsonObject } from './json.ts';
import type { Random } from './random.ts';
import type { Records } from './records.ts';
import { COMPANIES, COMPANY_KINDS, FIRST_NAMES, LAST_NAMES, TEAMS, TOWNS } from './words.ts';

/** The agents of the desk. The first is the one that the API application acts as. */
export function seedAgents(records: Records, random: Random): void {
  for (let id = 1; id <= 12; id++) {
    const [firstname, surname] = [random.pick(FIRST_NAMES), random.pick(LAST_NAMES)];
    records.put('Agent', {
      id,
      name: id === 1 ? 'Integration' : `${firstname} ${surname}`,
      firstname: id === 1 ? 'Integration' : firstname,
      ...(id > 1 && { surname }),
      initials: id === 1 ? 'I' : firstname.slice(0, 1) + surname.slice(0, 1),
      email: id === 1 ? 'integration@desk.example' : `agent${id}@desk.example`,
      team: random.pick(TEAMS),
      isdisabled: false,
      is_agent: true,
      isapiagent: id === 1,
      colour: `#${random.hex(6)}`,
      jobtitle: random.pick(['Service Desk Analyst', 'Field Engineer', 'Team Lead']),
      licence_type: 1,
      onlinestatus: 0,
      use: 'agent',
    });
  }
}

/** Clients, each with one to three sites and their users. */
export function seedCustomers(records: Records, random: Random): void {
  const next = { site: 1, user: 1 };
  COMPANIES.forEach((company, index) => {
    const client = seedClient(random, index + 1, company, next.site);
    records.put('Client', client);
    const domain = `${company.toLowerCase().replace(/[^a-z]+/g, '-')}.example`;
    for (const town of pickSome(random, TOWNS, random.integer(1, 3))) {
      const site = seedSite(random, next.site++, town, client);
      records.put('Site', site);
      for (let count = random.integer(3, 8); count > 0; count--) {
        records.put('Users', seedUser(random, next.user++, domain, site, client));
      }
    }
  });
}

function seedClient(random: Random, id: number, company: string, site: number): JsonObject {
  return {
    id,
    name: `${company} ${random.pick(COMPANY_KINDS)}`,
    toplevel_id: 1,
    toplevel_name: 'Customers',
    inactive: false,
    ref: random.hex(6),
    colour: `#${random.hex(6)}`,
    is_vip: random.chance(0.1),
    main_site_id: site,
    pritech: random.integer(2, 12),
    sectech: 0,
    accountmanagertech: random.integer(2, 12),
    stopped: 0,
    taxable: true,
    customertype: 0,
    itglue_id: '',
    default_currency_code: 0,
    percentage_to_survey: 0,
    customer_relationship: [{ id: 1, name: 'Customer' }],
    key: id,
    table: 0,
    use: 'client',
    last_modified: haloDate(BASE - random.integer(1, 300) * DAY),
    customfields: [customField(120, random.pick(['Gold', 'Silver', 'Bronze']))],
  };
}

function seedSite(random: Random, id: number, town: string, client: JsonObject): JsonObject {
  return {
    id,
    name: town,
    client_id: client['id'] ?? 1,
    client_name: client['name'] ?? '',
    clientsite_name: `${String(client['name'])}/${town}`,
    inactive: false,
    sla_id: random.chance(0.2) ? 2 : -1,
    phonenumber: `+31 30 ${random.integer(1000000, 9999999)}`,
    colour: '#FFFFFF',
    timezone: '',
    isstocklocation: false,
    isinvoicesite: id === client['main_site_id'],
    stopped: 0,
    itglue_id: '',
    key: id,
    table: 0,
    use: 'site',
    last_modified: haloDate(BASE - random.integer(1, 300) * DAY),
  };
}

function seedUser(
  random: Random,
  id: number,
  domain: string,
  site: JsonObject,
  client: JsonObject,
): JsonObject {
  const [firstname, surname] = [random.pick(FIRST_NAMES), random.pick(LAST_NAMES)];
  const address = `${firstname}.${surname}${id}@${domain}`.normalize('NFD').toLowerCase();
  return {
    id,
    name: `${firstname} ${surname}`,
    firstname,
    surname,
    initials: firstname.slice(0, 1) + surname.slice(0, 1),
    emailaddress: address.replace(/[^a-z0-9.@-]/g, ''),
    email2: '',
    email3: '',
    phonenumber: `+31 30 ${random.integer(1000000, 9999999)}`,
    phonenumber_preferred: '',
    telpref: 0,
    site_id: site['id'] ?? 1,
    site_id_int: site['id'] ?? 1,
    site_name: site['name'] ?? '',
    client_id: client['id'] ?? 1,
    client_name: client['name'] ?? '',
    client_account_manager_id: client['accountmanagertech'] ?? 0,
    sitephonenumber: site['phonenumber'] ?? '',
    sitetimezone: '',
    inactive: random.chance(0.05),
    colour: `#${random.hex(6)}`,
    isimportantcontact: random.chance(0.05),
    isserviceaccount: false,
    neversendemails: false,
    priority_id: 0,
    linked_agent_id: 0,
    connectwiseid: -1,
    autotaskid: -1,
    messagegroup_id: -1,
    key: id,
    table: 1,
    use: 'user',
    last_modified: haloDate(BASE - random.integer(1, 300) * DAY),
    ...(random.chance(0.3) && {
      customfields: [customField(110, `E${10000 + id}`)],
    }),
  };
}

function pickSome<T>(random: Random, members: readonly T[], count: number): readonly T[] {
  const rest = [...members];
  return Array.from({ length: count }, () => rest.splice(random.integer(0, rest.length - 1), 1)).flat();
}
