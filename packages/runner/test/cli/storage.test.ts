import { describe, expect, it } from 'vitest';
import { registerStorage } from '../../src/cli/storage.ts';
import { write } from '../config/load.ts';
import { call } from './call.ts';

/** `millrace storage …` on a project in which other files, and the file of one storage, are broken. */
async function storages() {
  const project = await write({
    'storages/agents.yaml': 'ttl: 1h\nmaxEntries: 2\n',
    'storages/broken.yaml': 'ttl: [\n',
    'storages/never.yaml': 'ttl: soon\n',
    'incoming/broken.yaml': 'subscriber: [\n',
  });
  return (...args: readonly string[]) => call(registerStorage, project, ['storage', ...args]);
}

describe('millrace storage', () => {
  it('writes, shows, deletes and clears entries, also while other files of the project are broken', async () => {
    const storage = await storages();
    const result = async (...args: readonly string[]) => {
      const { code, json } = await storage(...args);
      expect([code, json?.findings]).toEqual([0, []]);
      return json?.result;
    };
    expect(await result('set', 'agents', '7', '{"name":"Ann"}')).toMatchObject({ replaced: false });
    expect(await result('set', 'agents', '7', '{"name":"Anna"}')).toMatchObject({ replaced: true });
    expect(await result('set', 'agents', '8', '"Ben"', '--ttl', '2d')).toMatchObject({ value: 'Ben' });
    const shown = await result('get', 'agents', '7');
    expect(shown).toMatchObject({ storage: 'agents', key: '7', value: { name: 'Anna' } });
    const hours = async (key: string) => {
      const entry = (await result('get', 'agents', key)) as { updatedAt: string; expiresAt: string };
      return Math.round((Date.parse(entry.expiresAt) - Date.parse(entry.updatedAt)) / 3_600_000);
    };
    expect([await hours('7'), await hours('8')]).toEqual([1, 48]);
    expect(await result('get', 'agents', '--limit', '1')).toMatchObject({
      entries: [{ key: '7' }],
      next: '7',
    });
    const rest = await result('get', 'agents', '--after', '7');
    expect(rest).toEqual({
      storage: 'agents',
      entries: [expect.objectContaining({ key: '8', value: 'Ben' })],
    });
    // The storage holds two: the one written longest ago goes.
    await result('set', 'agents', '9', 'null');
    expect(await result('list')).toMatchObject({
      storages: [
        { name: 'agents', declared: true, entries: 2, bytes: 11, oldest: expect.stringMatching(/Z$/) },
        { name: 'broken', declared: true, entries: 0, bytes: 0, oldest: null, newest: null },
        { name: 'never', entries: 0 },
      ],
    });
    expect(await result('delete', 'agents', '8')).toEqual({ storage: 'agents', key: '8' });
    expect(await result('clear', 'agents')).toEqual({ storage: 'agents', deleted: 1 });
    expect(await result('get', 'broken')).toMatchObject({ entries: [] });
  });

  it('tells people the same, and how to see more', async () => {
    const project = await write({ 'storages/agents.yaml': '{}' });
    const say = async (...args: readonly string[]) =>
      (await call(registerStorage, project, ['storage', ...args], false)).stdout;
    expect(await say('get', 'agents')).toBe('No entry.\n');
    expect(await say('set', 'agents', 'k1', `"${'x'.repeat(100)}"`)).toBe('"k1" of agents is new\n');
    await say('set', 'agents', 'k2', '{"a":[1]}');
    expect(await say('get', 'agents', '--limit', '1')).toMatch(
      /k1 +"x+… +\d{4}-\d\d-\d\d .*\n.*--after "k1"/,
    );
    expect(await say('get', 'agents', 'k2')).toBe('{\n  "a": [\n    1\n  ]\n}\n');
    expect(await say('list')).toMatch(/agents +2 +115 B +\d{4}/);
    expect(await say('clear', 'agents')).toBe('2 entries of agents are deleted\n');
  });

  it('lists what is held and not declared any more', async () => {
    const project = await write({ 'storages/agents.yaml': '{}' });
    await call(registerStorage, project, ['storage', 'set', 'agents', 'k', '1']);
    await write({ 'storages/others.yaml': '{}' }, project, ['storages/agents.yaml']);
    const { json } = await call(registerStorage, project, ['storage', 'list']);
    expect(json?.result).toMatchObject({
      storages: [
        { name: 'agents', declared: false, entries: 1 },
        { name: 'others', declared: true, entries: 0 },
      ],
    });
  });

  it('refuses what is not declared, not there or not right, and says what to do', async () => {
    const storage = await storages();
    const refused = async (...args: readonly string[]) => {
      const { code, json } = await storage(...args);
      return { code, finding: json?.findings[0]?.code, hint: json?.findings[0]?.hint };
    };
    for (const args of [
      ['get', 'agent'],
      ['set', 'agent', 'k', '1'],
      ['delete', 'agent', 'k'],
      ['clear', 'agent'],
    ]) {
      expect(await refused(...args)).toEqual({
        code: 2,
        finding: 'call.unknown_id',
        hint: 'did you mean "agents"? (a new one is declared by storages/agent.yaml)',
      });
    }
    expect(await refused('get', 'agents', '7')).toEqual({
      code: 2,
      finding: 'call.unknown_id',
      hint: 'List its keys with millrace storage get agents.',
    });
    expect(await refused('delete', 'agents', '7')).toMatchObject({ code: 2, finding: 'call.unknown_id' });
    expect(await refused('set', 'agents', '', '1')).toMatchObject({
      code: 2,
      finding: 'call.invalid_option',
    });
    expect(await refused('set', 'broken', '7', '1')).toMatchObject({ code: 2, finding: 'config.syntax' });
    expect(await refused('set', 'never', '7', '1')).toMatchObject({
      code: 2,
      finding: 'config.invalid_value',
    });
    // Refused by the command line before anything is opened.
    expect(await refused('set', 'agents', '7', 'Ann')).toMatchObject({ code: 2 });
    expect(await refused('set', 'agents', '7', '1', '--ttl', 'soon')).toMatchObject({ code: 2 });
  });
});
