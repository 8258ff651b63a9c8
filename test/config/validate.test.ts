import { describe, expect, it } from 'vitest';
import { command } from '../support/command.ts';
import { FILE_ROUTE, HALO_PROJECT, makeProject, type ProjectFiles, writeFiles } from '../support/project.ts';

const ENV = {
  HALO_BASE_URI: 'https://acme.haloitsm.com',
  HALO_CLIENT_ID: 'id',
  HALO_CLIENT_SECRET: 'a-secret',
};

interface Found {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly file?: string | undefined;
  readonly line?: number;
  readonly column?: number;
  readonly path?: string;
}

async function validate(files: ProjectFiles, env: Readonly<Record<string, string>> = ENV) {
  const project = await makeProject(files);
  const { code, stdout } = await command(['validate', '--json', '--config', project], env);
  const json = JSON.parse(stdout) as { ok: boolean; findings: readonly Found[] };
  const findings = json.findings.map((one) => ({ ...one, file: one.file?.slice(project.length + 1) }));
  return { code, ok: json.ok, findings };
}

const NAMES = [
  'a-typo',
  'b-type',
  'c-variable',
  'd-client',
  'e-cron',
  'f-rule',
  'g-jmespath',
  'h-operation',
  'i-path',
  'j-syntax',
];

/** `file:line:column code path`, for a short look. */
const short = (findings: readonly Found[]) =>
  findings.map((one) => `${one.file}:${one.line}:${one.column} ${one.code} ${one.path ?? ''}`);

describe('millrace validate', () => {
  it('finds nothing in a project that is right', async () => {
    const result = await validate({ ...HALO_PROJECT, ...FILE_ROUTE });
    expect(result).toEqual({ code: 0, ok: true, findings: [] });
  });

  it('finds ten mistakes in one call: each once, with its place and what to do', async () => {
    const incoming = (subscriber: string, more = '') =>
      `subscriber:\n  haloitsm:\n    client: halo\n${subscriber}\nentity: { type: ticket, identifier: id }\n${more}`;
    const route = (name: string) =>
      `incoming: ${name}\noutgoing: assets\ntransformers:\n  - set: { payload: { key_field: "T-?{id}" } }\n`;
    const { code, findings } = await validate({
      ...HALO_PROJECT,
      'incoming/a-typo.yaml': incoming('    entty: Tickets\n    entity: Tickets'),
      'incoming/b-type.yaml': incoming('    entity: Tickets\n    pageSize: many'),
      'incoming/c-variable.yaml': incoming('    entity: ${NO_SUCH_VARIABLE}'),
      'incoming/d-client.yaml': incoming('    entity: Tickets').replace('client: halo', 'client: hallo'),
      'incoming/e-cron.yaml': `schedule: { cron: "61 * * * *" }\n${incoming('    entity: Tickets')}`,
      'incoming/f-rule.yaml': incoming(
        '    entity: Tickets',
        'transformers:\n  - filter: { "=": [{ var: id }, 1] }\n',
      ),
      'incoming/g-jmespath.yaml': incoming(
        '    entity: Tickets',
        'transformers:\n  - set:\n      name: "&{user[.name}"\n',
      ),
      'incoming/h-operation.yaml': incoming('    entity: Tickts'),
      'incoming/i-path.yaml': incoming('    entity: Tickets/{id}'),
      'incoming/j-syntax.yaml': 'subscriber:\n  haloitsm: { client: halo\nentity: x\n',
      ...Object.fromEntries(NAMES.map((name) => [`routes/${name}.yaml`, route(name)])),
    });
    expect(code).toBe(2);
    expect(findings.map(({ severity: _, ...rest }) => rest)).toMatchInlineSnapshot(`
      [
        {
          "code": "config.unknown_option",
          "column": 5,
          "file": "incoming/a-typo.yaml",
          "hint": "did you mean "entity"?",
          "line": 4,
          "message": ""entty" is not an option of haloitsm",
          "path": "subscriber.haloitsm.entty",
        },
        {
          "code": "config.wrong_type",
          "column": 15,
          "file": "incoming/b-type.yaml",
          "line": 5,
          "message": ""pageSize" must be a whole number, not "many"",
          "path": "subscriber.haloitsm.pageSize",
        },
        {
          "code": "config.missing_variable",
          "column": 13,
          "file": "incoming/c-variable.yaml",
          "hint": "Set NO_SUCH_VARIABLE in the environment or in a file .env beside millrace.yaml, or give a default: \${NO_SUCH_VARIABLE:-…}.",
          "line": 4,
          "message": "The environment variable NO_SUCH_VARIABLE is not set",
          "path": "subscriber.haloitsm.entity",
        },
        {
          "code": "config.unknown_reference",
          "column": 13,
          "file": "incoming/d-client.yaml",
          "hint": "did you mean "halo"?",
          "line": 3,
          "message": "There is no client "hallo"",
          "path": "subscriber.haloitsm.client",
        },
        {
          "code": "config.invalid_cron",
          "column": 19,
          "file": "incoming/e-cron.yaml",
          "hint": "Write five fields: minute hour day month weekday, such as "*/5 * * * *".",
          "line": 1,
          "message": ""61 * * * *" is not a cron expression: Invalid value for minute: 61",
          "path": "schedule.cron",
        },
        {
          "code": "config.invalid_rule",
          "column": 15,
          "file": "incoming/f-rule.yaml",
          "hint": "did you mean "=="?",
          "line": 7,
          "message": ""=" is not an operator of JSON Logic",
          "path": "transformers[0].filter.=",
        },
        {
          "code": "config.invalid_expression",
          "column": 13,
          "file": "incoming/g-jmespath.yaml",
          "hint": "See https://jmespath.org for the language; names with other characters stand in double quotes.",
          "line": 8,
          "message": ""user[.name" is not a JMESPath expression: Syntax error: expected Star, got: Dot",
          "path": "transformers[0].set.name",
        },
        {
          "code": "config.unknown_operation",
          "column": 13,
          "file": "incoming/h-operation.yaml",
          "hint": "did you mean "Tickets", "Site", "Tabs"? (strict: false lets any path through)",
          "line": 4,
          "message": "HaloITSM has no GET operation "Tickts"",
          "path": "subscriber.haloitsm.entity",
        },
        {
          "code": "config.missing_parameter",
          "column": 13,
          "file": "incoming/i-path.yaml",
          "hint": "Add it: parameters: { path: { id: … } }",
          "line": 4,
          "message": "Tickets/{id} needs the path parameter "id"",
          "path": "subscriber.haloitsm.entity",
        },
        {
          "code": "config.syntax",
          "column": 1,
          "file": "incoming/j-syntax.yaml",
          "hint": "Look at the indentation and at the quotes of this line and the one before.",
          "line": 3,
          "message": "Not valid YAML: Flow map in block collection must be sufficiently indented and end with a }",
        },
      ]
    `);
  });

  it('reports every mistake of one file at once', async () => {
    const { findings } = await validate({
      ...HALO_PROJECT,
      'routes/to-assets.yaml': `
incoming: tickets
outgoing: assets
transformers:
  - filtr: { "==": [1, 1] }
  - set:
      "a..b": 1
      c: "@{task.id}"
  - if:
      when: { "upper": [] }
      then:
        - remove: ["x[", good]
        - map: { v: "&{nofunction(a)}" }
  - branch: { at: lines.* }
tasks: { unchanged: sometimes }
`,
      'outgoing/assets.yaml': `
transformers:
  - branch: { at: lines.* }
publisher: { haloitsm: { client: halo, method: put, entity: Asset } }
retry: { pattern: "5s" }
`,
    });
    expect(short(findings)).toMatchInlineSnapshot(`
      [
        "outgoing/assets.yaml:3:5 config.branch_in_outgoing transformers[0].branch",
        "outgoing/assets.yaml:4:48 config.invalid_value publisher.haloitsm.method",
        "outgoing/assets.yaml:5:19 config.invalid_value retry.pattern",
        "routes/to-assets.yaml:4:1 config.branch_without_identifier transformers",
        "routes/to-assets.yaml:5:5 config.unknown_transformer transformers[0].filtr",
        "routes/to-assets.yaml:7:7 config.invalid_path transformers[1].set."a..b"",
        "routes/to-assets.yaml:8:10 config.unknown_context transformers[1].set.c",
        "routes/to-assets.yaml:10:15 config.wrong_arity transformers[2].if.when.upper",
        "routes/to-assets.yaml:12:20 config.invalid_path transformers[2].if.then[0].remove[0]",
        "routes/to-assets.yaml:13:21 config.unknown_function transformers[2].if.then[1].map.v",
        "routes/to-assets.yaml:15:21 config.invalid_value tasks.unchanged",
      ]
    `);
  });

  it('resolves variables once, with defaults, and converts them where a number is wanted', async () => {
    const outgoing = `${HALO_PROJECT['outgoing/assets.yaml']}concurrency: \${CONCURRENCY:-5}\n`;
    expect((await validate({ ...HALO_PROJECT, 'outgoing/assets.yaml': outgoing })).findings).toEqual([]);
    const wrong = await validate(
      { ...HALO_PROJECT, 'outgoing/assets.yaml': outgoing },
      { ...ENV, CONCURRENCY: 'lots' },
    );
    expect(wrong.findings).toMatchObject([
      {
        code: 'config.invalid_variable',
        path: 'concurrency',
        message: '"concurrency" must be a whole number, not "lots"',
      },
    ]);
    const literal = await validate({
      ...HALO_PROJECT,
      'incoming/tickets.yaml': `description: $\${NOT_A_VARIABLE}\n${HALO_PROJECT['incoming/tickets.yaml']}`,
    });
    expect(literal.findings).toEqual([]);
  });

  it('reads .env beside millrace.yaml, and lets the environment win', async () => {
    const env = 'HALO_BASE_URI=https://file.example\nHALO_CLIENT_ID=id\nHALO_CLIENT_SECRET=from-the-file\n';
    expect((await validate({ ...HALO_PROJECT, '.env': env }, {})).findings).toEqual([]);
    const beaten = await validate({ ...HALO_PROJECT, '.env': env }, { HALO_BASE_URI: 'nonsense' });
    expect(beaten.findings).toMatchObject([{ code: 'config.invalid_value', path: 'haloitsm.baseUri' }]);
  });

  it('warns of what nothing uses, and of secrets in files', async () => {
    const { code, findings } = await validate({
      ...HALO_PROJECT,
      'clients/spare.yaml':
        'haloitsm:\n  baseUri: https://x.example\n  authentication: { usernamePassword: { clientId: a, username: b, password: hunter2222 } }\n',
      'incoming/idle.yaml':
        'subscriber: { haloitsm: { client: halo, entity: Users } }\nentity: { type: user, identifier: id }\n',
      'outgoing/idle.yaml': 'publisher: { file: { path: out/x.csv } }\n',
    });
    expect(code).toBe(0);
    expect(short(findings)).toEqual([
      'clients/spare.yaml:1:1 config.unused_client ',
      'clients/spare.yaml:3:77 config.literal_secret haloitsm.authentication.usernamePassword.password',
      'incoming/idle.yaml:1:1 config.incoming_without_route ',
      'outgoing/idle.yaml:1:1 config.outgoing_without_route ',
    ]);
  });

  it('refuses two files of one id, ids that are none, and a client of another type', async () => {
    const { findings } = await validate({
      ...HALO_PROJECT,
      'incoming/Tickets.yaml': HALO_PROJECT['incoming/tickets.yaml'] ?? '',
      'lookups/codes.yaml': 'a: 1\n',
      'lookups/codes.csv': 'key,value\n',
      'plugins/desk.ts': `
import { defineClient, definePlugin, Options } from '@millrace/core';
export default definePlugin({ name: 'desk', components: { client: defineClient({ description: 'A desk', options: Options({}), create: () => ({ ping: async () => {} }) }) } });
`,
      'clients/desk.yaml': 'desk: {}\n',
      'outgoing/assets.yaml': (HALO_PROJECT['outgoing/assets.yaml'] ?? '').replace(
        'client: halo',
        'client: desk',
      ),
    });
    expect(findings.map((one) => one.code).sort()).toEqual([
      'config.duplicate_id',
      'config.invalid_id',
      'config.unused_table',
      'config.wrong_client',
    ]);
  });

  it('finds saved transformers that use each other in a circle, and parameters that are not given', async () => {
    const { findings } = await validate({
      ...HALO_PROJECT,
      'transformers/a.yaml': 'transformers:\n  - use: { transformer: b }\n',
      'transformers/b.yaml': 'transformers:\n  - use: { transformer: a }\n',
      'transformers/c.yaml':
        'parameters: { limit: { type: number } }\ntransformers:\n  - filter: { "<": [{ var: payload.client_id }, { context: parameters.limt }] }\n',
      'routes/to-assets.yaml': `${HALO_PROJECT['routes/to-assets.yaml']}  - use: { transformer: c }\n`,
    });
    expect(findings.map((one) => `${one.file} ${one.code}`).sort()).toEqual([
      'routes/to-assets.yaml config.missing_option',
      'transformers/a.yaml config.recursive_transformer',
      'transformers/b.yaml config.recursive_transformer',
      'transformers/c.yaml config.unknown_context',
    ]);
  });

  it('points into flow style, into files with comments and with Windows line ends', async () => {
    const files = {
      ...HALO_PROJECT,
      'routes/to-assets.yaml':
        '# a comment\r\n\r\nincoming: tickets # another\r\noutgoing: assets\r\ntransformers: [{ set: { payload: "&{@}" } }]\r\ntasks: { unchanged: skip, supersed: true }\r\n',
    };
    expect(short((await validate(files)).findings)).toEqual([
      'routes/to-assets.yaml:6:27 config.unknown_option tasks.supersed',
    ]);
  });

  it('says so when the project folder or a plugin is not there', async () => {
    const { code, stdout } = await command(['validate', '--json', '--config', '/no/such/folder'], ENV);
    expect(code).toBe(2);
    expect(JSON.parse(stdout).findings).toMatchObject([{ code: 'config.unreadable' }]);
    const project = await makeProject(HALO_PROJECT);
    await writeFiles(project, { 'millrace.yaml': 'plugins: [millrace-plugin-nowhere]\n' });
    const missing = await command(['validate', '--json', '--config', project], ENV);
    expect(JSON.parse(missing.stdout).findings).toMatchObject([{ code: 'config.plugin_not_found' }]);
  });
});
