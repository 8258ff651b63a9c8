// The scopes of the Permissions tab of an API application, as HaloAPI's HaloAuth.psm1 lists them.
const SUBJECTS =
  'tickets calendar customers crm timesheets contracts suppliers items projects sales quotes sos pos invoices reporting software softwarelicensing kb assets'.split(
    ' ',
  );
const SCOPES = new Set([
  ...'all all:standard all:teams admin editMine:timesheets access:chat access:adpasswordreset'.split(' '),
  'offline_access',
  'openid',
  ...SUBJECTS.flatMap((name) => [`read:${name}`, `edit:${name}`]),
]);

// What a resource belongs to. Users, agents and lookups need no scope of their own.
const SUBJECT_OF: Readonly<Record<string, string>> = {
  tickets: 'tickets',
  actions: 'tickets',
  attachment: 'tickets',
  projects: 'projects',
  opportunities: 'sales',
  client: 'customers',
  site: 'customers',
  toplevel: 'customers',
  crmnote: 'crm',
  asset: 'assets',
  assetchange: 'assets',
  kbarticle: 'kb',
  invoice: 'invoices',
  invoicepayment: 'invoices',
  recurringinvoice: 'invoices',
  item: 'items',
  itemstock: 'items',
  quotation: 'quotes',
  salesorder: 'sos',
  purchaseorder: 'pos',
  supplier: 'suppliers',
  suppliercontract: 'suppliers',
  clientcontract: 'contracts',
  appointment: 'calendar',
  timesheet: 'timesheets',
  timesheetevent: 'timesheets',
  report: 'reporting',
  assetsoftware: 'software',
  softwarelicence: 'softwarelicensing',
};

export function isScope(name: string): boolean {
  return SCOPES.has(name);
}

/** True where a token with these scopes may call the resource. `edit:X` allows reading X too. */
export function mayCall(scopes: readonly string[], resource: string, writes: boolean): boolean {
  const key = resource.toLowerCase();
  const subject = Object.hasOwn(SUBJECT_OF, key) ? SUBJECT_OF[key] : undefined;
  const may = (name: string) => scopes.includes(name);
  if (may('all') || may('all:standard') || may('admin') || subject === undefined) return true;
  return may(`edit:${subject}`) || (!writes && may(`read:${subject}`));
}
