import { describe, expect, it } from 'vitest';
import { load } from './load.ts';

describe('references to storages', () => {
  it('that are not declared are findings, in every option that names one', async () => {
    const { findings } = await load({
      'storages/memory.yaml': 'ttl: 1h\nmaxEntries: 5\n',
      'incoming/records.yaml':
        'subscriber: { storage: { storage: sorce } }\nentity: { type: record, identifier: key }\ntransformers:\n  - changed: { storage: memmory }\n',
      'routes/to-file.yaml':
        'incoming: records\noutgoing: file\ntransformers:\n  - if:\n      when: { var: x }\n      then: [{ storage.set: { storage: memry, key: k } }]\n  - lookup: { storage: other, key: k, to: t }\n  - storage.get: { storage: memory, key: k, to: t }\n',
    });
    expect(
      findings.map(({ code, file, line, path, hint }) => `${code} ${file}:${line} ${path} ${hint}`),
    ).toEqual([
      'config.unknown_reference incoming/records.yaml:1 subscriber.storage.storage did you mean "source"?',
      'config.unknown_reference incoming/records.yaml:4 transformers[0].changed.storage did you mean "memory"?',
      'config.unknown_reference routes/to-file.yaml:6 transformers[0].if.then[0]."storage.set".storage did you mean "memory"?',
      'config.unknown_reference routes/to-file.yaml:7 transformers[1].lookup.storage there is: memory, source',
    ]);
  });

  it('let an incoming without a route be, where it fills one', async () => {
    const fetch = (steps: string) => ({
      'incoming/fetch.yaml': `subscriber: { storage: { storage: source } }\nentity: { type: x, identifier: key }\ntransformers: ${steps}\n`,
      'transformers/keep.yaml': 'transformers:\n  - storage.set: { storage: memory, key: "&{key}" }\n',
      'storages/memory.yaml': '{}',
    });
    expect(
      (await load(fetch('[{ if: { when: { var: x }, then: [{ use: { transformer: keep } }] } }]'))).short,
    ).toEqual([]);
    expect(
      (await load(fetch('[{ map: { key: "&{key}", storage.set: { storage: memory } } }]'))).short,
    ).toEqual(['incoming/fetch.yaml:1:1 config.incoming_without_route']);
  });
});

describe('saved transformers', () => {
  it('that use each other in a circle through each, merge, if and switch are findings', async () => {
    const { short } = await load({
      'transformers/a.yaml': 'transformers:\n  - each: { at: l.*, do: [{ use: { transformer: b } }] }\n',
      'transformers/b.yaml':
        'transformers:\n  - switch: { cases: [{ when: { var: x }, then: [{ use: { transformer: c } }] }] }\n',
      'transformers/c.yaml':
        'transformers:\n  - merge: { do: [{ if: { when: { var: x }, else: [{ use: { transformer: a } }] } }], with: {} }\n',
      // It only looks like a use.
      'transformers/d.yaml': 'transformers:\n  - map: { use: { transformer: d } }\n',
    });
    expect(short.filter((one) => one.includes('recursive'))).toEqual([
      'transformers/a.yaml:1:1 config.recursive_transformer',
      'transformers/b.yaml:1:1 config.recursive_transformer',
      'transformers/c.yaml:1:1 config.recursive_transformer',
    ]);
  });
});

describe('schemas and parameters', () => {
  it('that are wrong are findings at their place, in files of the project too', async () => {
    const { findings } = await load({
      'schemas/good.json': '{ "required": ["id"] }',
      'schemas/bad.json': '{ "required": "id" }',
      'transformers/typed.yaml': 'parameters:\n  n: { type: number, default: many }\ntransformers: []\n',
      'routes/to-file.yaml': `incoming: records
outgoing: file
transformers:
  - validate: { schema: schemas/good.json }
  - validate: { schema: schemas/bad.json }
  - validate: { schema: ../outside.json }
  - validate:
      schema:
        properties:
          id: { type: sting }
  - use: { transformer: typed, with: { n: "x&{id}" } }
`,
    });
    expect(
      findings.map(({ code, file, line, column, path }) => `${code} ${file}:${line}:${column} ${path}`),
    ).toEqual([
      'config.invalid_schema routes/to-file.yaml:5:25 transformers[1].validate.schema',
      'config.outside_project routes/to-file.yaml:6:25 transformers[2].validate.schema',
      'config.invalid_schema routes/to-file.yaml:10:23 transformers[3].validate.schema.properties.id.type',
      'config.wrong_type routes/to-file.yaml:11:43 transformers[4].use.with.n',
      'config.wrong_type transformers/typed.yaml:2:31 parameters.n.default',
    ]);
  });

  it('a route that makes several records inside of each, merge or switch needs an entity only where they come out', async () => {
    const route = (step: string) => ({
      'routes/to-file.yaml': `incoming: records\noutgoing: file\ntransformers:\n  - ${step}\n`,
    });
    const branch = '{ branch: { at: l.* } }';
    expect((await load(route(`switch: { cases: [{ when: { var: x }, then: [${branch}] }] }`))).short).toEqual(
      ['routes/to-file.yaml:3:1 config.branch_without_identifier'],
    );
    expect((await load(route(`each: { at: l.*, do: [${branch}] }`))).short).toEqual([]);
    expect((await load(route(`merge: { do: [${branch}], with: {} }`))).short).toEqual([]);
    expect((await load(route('map: { branch: [{ branch: { at: x } }] }'))).short).toEqual([]);
  });
});
