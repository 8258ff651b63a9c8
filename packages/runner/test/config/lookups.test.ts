import { describe, expect, it } from 'vitest';
import { load } from './load.ts';

/** Uses tables, so that none is idle. */
const uses = (...tables: readonly string[]) => ({
  'routes/to-file.yaml': `incoming: records\noutgoing: file\ntransformers:\n${tables
    .map((table) => `  - lookup: { table: ${table}, key: "&{id}", to: x }\n`)
    .join('')}`,
});

describe('lookup tables', () => {
  it('come from YAML, JSON and CSV; keys are texts as they stand, values what they are', async () => {
    const { project, findings } = await load({
      ...uses('a', 'b', 'c', 'd/e'),
      'lookups/a.yaml':
        '# comment\n1: one\n01: padded\n"2": { name: two, tags: [x] }\ntrue: yes\n1.50: exact\nempty:\n',
      'lookups/b.json': '\uFEFF{\n\t"1": 1.5,\n\t"k": {"deep": [null, "\\ud83d\\ude00"]}\n}',
      'lookups/c.csv': 'code;name\r\n1;one\r\n01;"two; and\r\nthree"\r\n',
      'lookups/d/e.csv': '\uFEFFcode,name,hours\n"a,b",Ann,5\nx,,\n',
    });
    expect(findings).toEqual([]);
    const table = (id: string) => Object.fromEntries(project?.tables.get(id) ?? []);
    expect(table('a')).toEqual({
      '1': 'one',
      '01': 'padded',
      '2': { name: 'two', tags: ['x'] },
      true: 'yes',
      '1.50': 'exact',
      empty: null,
    });
    expect(table('b')).toEqual({ '1': 1.5, k: { deep: [null, '😀'] } });
    expect(table('c')).toEqual({ '1': 'one', '01': 'two; and\nthree' });
    expect(table('d/e')).toEqual({ 'a,b': { name: 'Ann', hours: '5' }, x: { name: '', hours: '' } });
  });

  it('are not interpolated', async () => {
    const { project, findings } = await load({ ...uses('a'), 'lookups/a.yaml': 'x: ${NOT_A_VARIABLE}\n' });
    expect(findings).toEqual([]);
    expect(project?.tables.get('a')?.get('x')).toBe('${NOT_A_VARIABLE}');
  });

  it('that hold a key twice are refused, wherever that is, with both places', async () => {
    const { findings, short } = await load({
      ...uses('a', 'b', 'c'),
      'lookups/a.yaml': 'x: 1\n"1": a\ny:\n  in: 1\n  in: 2\n1: b\n',
      'lookups/b.json': '{ "a": 1,\n  "b": 2,\n  "a": 3 }',
      'lookups/c.csv': 'k,v\n1,"a\nb"\n\n2,c\n1,d\n',
    });
    expect(short).toEqual([
      'lookups/a.yaml:5:3 config.duplicate_key',
      'lookups/a.yaml:6:1 config.duplicate_key',
      'lookups/b.json:3:3 config.duplicate_key',
      'lookups/c.csv:6:1 config.duplicate_key',
    ]);
    expect(findings.map((one) => [one.path, one.message])).toEqual([
      ['y.in', 'The key "in" stands here a second time; the first stands in line 4'],
      ['1', 'The key "1" stands here a second time; the first stands in line 2'],
      ['a', 'The key "a" stands here a second time; the first stands in line 1'],
      [undefined, 'The key "1" stands here a second time; the first stands in line 2'],
    ]);
  });

  it('of another form are refused, where they are wrong', async () => {
    const { short } = await load({
      ...uses('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'),
      'lookups/a.yaml': '- x: 1\n',
      'lookups/b.yaml': 'x: [1\n',
      'lookups/c.json': '{\n  "a": 1,\n}',
      'lookups/d.json': '{ "a": ',
      'lookups/e.csv': 'only\n1\n',
      'lookups/f.csv': 'k,v\n1\n2,b,c\n,d\n',
      'lookups/g.csv': 'k,v\n1,"a\n',
      'lookups/h.csv': 'k,v,v\n',
      'lookups/i.csv': '',
    });
    expect(short).toEqual([
      'lookups/a.yaml:1:1 config.wrong_type',
      'lookups/b.yaml:2:1 config.syntax',
      'lookups/c.json:3:1 config.syntax',
      'lookups/d.json:1:7 config.syntax',
      'lookups/e.csv:1:1 config.wrong_type',
      'lookups/f.csv:2:1 config.wrong_type',
      'lookups/f.csv:3:1 config.wrong_type',
      'lookups/f.csv:4:1 config.invalid_value',
      'lookups/g.csv:2:1 config.syntax',
      'lookups/h.csv:1:1 config.duplicate_key',
      'lookups/i.csv:1:1 config.wrong_type',
    ]);
  });

  it('with keys that lead to a prototype are refused', async () => {
    const { short } = await load({
      ...uses('a', 'b', 'c', 'd'),
      'lookups/a.yaml': 'x:\n  constructor: 1\n__proto__: 2\n',
      'lookups/b.json': '{ "__proto__": { "x": 1 } }',
      'lookups/c.csv': 'k,v\nprototype,1\n',
      'lookups/d.csv': 'k,__proto__,v\n1,2,3\n',
    });
    expect(short).toEqual([
      'lookups/a.yaml:2:3 config.invalid_path',
      'lookups/a.yaml:3:1 config.invalid_path',
      'lookups/b.json:1:3 config.invalid_path',
      'lookups/c.csv:2:1 config.invalid_path',
      'lookups/d.csv:1:1 config.invalid_path',
    ]);
  });

  it('that nothing uses are a warning', async () => {
    const { findings } = await load({
      'lookups/idle.csv': 'k,v\n',
      'lookups/used.yaml': 'a: 1\n',
      'lookups/in-rule.yaml': 'a: 1\n',
      'lookups/in-value.yaml': 'a: 1\n',
      'lookups/in-saved.yaml': 'a: 1\n',
      ...uses('used'),
      'outgoing/file.yaml': `
transformers:
  - filter: { "!=": [{ lookup: [in-rule, { var: id }] }, 1] }
  - set: { x: "&{lookup('in-value', id)}" }
publisher: { file: { path: out/r.ndjson } }
`,
      'transformers/saved.yaml':
        'transformers:\n  - each: { at: l.*, do: [{ lookup: { table: in-saved, key: k, to: t } }] }\n',
    });
    const warnings = findings.filter((one) => one.severity === 'warning');
    expect(warnings.map((one) => `${one.code} ${one.file}:${one.line}`)).toEqual([
      'config.unused_table lookups/idle.csv:1',
    ]);
  });

  it('are not called idle where it cannot be told', async () => {
    const computed =
      'incoming: records\noutgoing: file\ntransformers:\n  - lookup: { table: aa, key: k, to: x }\n';
    const { short } = await load({ 'lookups/a.yaml': 'x: 1\n', 'routes/to-file.yaml': computed });
    // A name that dangles may have meant the idle one: that is one mistake.
    expect(short).toEqual(['routes/to-file.yaml:4:22 config.unknown_reference']);
    const broken = await load({ 'lookups/a.yaml': 'x: 1\n', 'routes/to-file.yaml': 'incoming: [\n' });
    expect(broken.short.filter((one) => one.includes('unused'))).toEqual([]);
  });
});
