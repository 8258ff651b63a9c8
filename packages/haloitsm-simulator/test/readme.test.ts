import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CALLS } from '../src/control/calls.ts';
import { faultsTable, quirksTable } from '../src/index.ts';
import { EVENT_NAMES } from '../src/webhooks/events.ts';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it.each([
    ['quirks', quirksTable()],
    ['faults', faultsTable()],
  ])('has the table of %s as the code has it', (_, table) => {
    expect(readme).toContain(table);
  });

  it('names every option of the command, every call of the control and every event', () => {
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const { stdout } = spawnSync(process.execPath, ['--conditions=@millrace/source', main, '--help'], {
      encoding: 'utf8',
    });
    const options = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option ?? '');
    expect(options.length).toBeGreaterThan(15);
    const calls = Object.keys(CALLS).map((call) => call.split(' ')[1] ?? '');
    for (const name of [...options.filter((option) => option !== '--help'), ...EVENT_NAMES])
      expect(readme).toContain(name);
    for (const call of calls) expect(readme).toMatch(new RegExp(`/${call}\\b`));
  });
});
