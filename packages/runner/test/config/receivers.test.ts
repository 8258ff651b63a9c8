import { describe, expect, it } from 'vitest';
import { load } from './load.ts';

const PORT = { 'millrace.yaml': 'http: { port: 8080 }\n' };
const incoming = (text: string) => ({
  'incoming/records.yaml': `${text}\nentity: { type: record, identifier: id }\n`,
});
const HEADER = 'authentication: { header: { name: X-Key, value: "${KEY}" } }';

describe('an incoming', () => {
  it('reads, or receives, or both; one that does neither is a finding', async () => {
    const reading = 'subscriber: { storage: { storage: source, keyAs: id } }';
    const receiving = `receiver: { http.webhook: { ${HEADER.replace('${KEY}', '${KEY:-a}')} } }`;
    expect((await load({ ...PORT, ...incoming(`${reading}\n${receiving}`) })).short).toEqual([]);
    expect((await load({ ...PORT, ...incoming(receiving) })).project?.incoming.get('records')).toMatchObject({
      receiver: { component: 'http.webhook' },
    });
    const { findings } = await load({ ...PORT, ...incoming('') });
    expect(findings).toMatchObject([
      {
        code: 'config.missing_option',
        message: '"subscriber" is missing',
        hint: 'Add "subscriber" (what reads the records), or "receiver" (what takes those that come by themselves).',
      },
    ]);
  });

  it('that only receives has nothing to read by a schedule', async () => {
    const { short } = await load({
      ...PORT,
      ...incoming('receiver: { http.webhook: { authentication: none } }\nschedule: { cron: "* * * * *" }'),
    });
    expect(short).toEqual(['incoming/records.yaml:2:1 config.invalid_value']);
  });
});

describe('a receiver', () => {
  it('without a secret is an error, unless it says that there is none', async () => {
    expect((await load({ ...PORT, ...incoming('receiver: { http.webhook: {} }') })).findings).toMatchObject([
      { severity: 'error', code: 'config.missing_option', hint: /authentication: none/ },
    ]);
    expect(
      (await load({ ...PORT, ...incoming('receiver: { http.webhook: { authentication: maybe } }') })).short,
    ).toEqual(['incoming/records.yaml:1:45 config.invalid_value']);
  });

  it('with its secret in the file is a warning, and its secret is learned', async () => {
    const text = 'receiver: { http.webhook: { authentication: { bearer: { token: in-the-file } } } }';
    const { findings, project } = await load({ ...PORT, ...incoming(text) });
    expect(findings).toMatchObject([
      {
        severity: 'warning',
        code: 'config.literal_secret',
        path: 'receiver."http.webhook".authentication.bearer.token',
      },
    ]);
    expect([...(project?.secrets ?? [])]).toContain('in-the-file');
  });

  it('without a port is a warning: nothing can reach it', async () => {
    const text = 'receiver: { http.webhook: { authentication: none } }';
    expect((await load(incoming(text))).findings).toMatchObject([
      { severity: 'warning', code: 'config.no_port', line: 1, column: 1 },
    ]);
    const variable = { 'millrace.yaml': 'http: { port: "${PORT}" }\n' };
    const { short } = await load({ ...variable, ...incoming(text) });
    expect(short).toEqual(['millrace.yaml:1:15 config.missing_variable']);
  });

  it('of another name, and options that do not fit, are findings with what there is', async () => {
    const { findings } = await load({
      ...PORT,
      ...incoming('receiver: { http.webhok: { authentication: none } }'),
    });
    expect(findings).toMatchObject([{ code: 'config.unknown_component', hint: /http\.webhook/ }]);
    const signed =
      'receiver: { http.webhook: { authentication: { signature: { secret: "${S:-s}", header: X, content: "{timestamp}" } } } }';
    expect((await load({ ...PORT, ...incoming(signed) })).findings).toMatchObject([
      { code: 'config.invalid_value', message: 'There is no timestamp that could be signed' },
      { code: 'config.invalid_value', message: 'The body is not signed: anybody could change it' },
    ]);
  });

  it('checks the expression of a version as that of an identifier', async () => {
    const { short } = await load({
      'incoming/records.yaml':
        'subscriber: { storage: { storage: source, keyAs: id } }\nentity: { type: record, identifier: id, version: "a ||" }\n',
    });
    expect(short).toEqual(['incoming/records.yaml:2:50 config.invalid_expression']);
  });
});
