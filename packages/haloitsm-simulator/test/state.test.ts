import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSimulator } from '../src/index.ts';
import { callerOf, simulate } from './support.ts';

async function file(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'state.json');
}

describe('a state file', () => {
  it('keeps what nobody has asked for yet as the seed has it, whatever became of the ticket', async () => {
    const state = await file();
    const untouched = await (await simulate({ seed: 3 })).get('Actions?ticket_id=9');
    const first = await simulate({ state, seed: 3 });
    await first.post('Tickets', [{ id: 9, agent_id: 5, details: 'Changed before anybody read its actions' }]);
    await first.post('Actions', [{ ticket_id: 8, outcome: 'Note', note: 'Kept' }]);
    await first.simulator.stop();
    expect(await readFile(state, 'utf8')).not.toContain('"ticket_id":9,');
    const again = await simulate({ state, tickets: 1 });
    expect((await again.get('Actions?ticket_id=9')).body).toEqual(untouched.body);
    const { actions } = (await again.get('Actions?ticket_id=8')).body;
    expect(actions.at(-1)).toMatchObject({ note: 'Kept', id: actions.length });
    expect((await again.get('Actions?pageinate=true&page_no=1')).body.record_count).toBeGreaterThan(240);
  });

  it('is written a moment after a change, so that a kill loses little', async () => {
    const state = await file();
    const { post } = await simulate({ state });
    await post('Tickets', [{ summary: 'Written at once' }]);
    await expect
      .poll(() => readFile(state, 'utf8').catch(() => ''), { timeout: 10_000 })
      .toContain('Written at once');
  });

  it('holds webhooks, deleted tickets and commands too', async () => {
    const state = await file();
    const first = await simulate({ state });
    const hook = await first.post('Webhook', [
      { name: 'Ours', url: 'http://127.0.0.1:1/', basic_password: 's' },
    ]);
    await first.delete('Tickets/5');
    await first.post('Tickets/vote', [{ ticket_id: 1 }]);
    await first.simulator.stop();
    const again = await simulate({ state });
    expect(again.simulator.records('Webhook')).toMatchObject([{ id: hook.body.id, basic_password: 's' }]);
    expect((await again.get('Tickets?deleted=true')).body.record_count).toBe(1);
    expect(again.simulator.records('Tickets/vote')).toHaveLength(1);
  });

  it('of the first release goes on', async () => {
    const state = await file();
    const records = {
      Tickets: { nextIds: { '': 8 }, rows: [{ id: 3, summary: 'Old', status_id: 1 }] },
      Actions: { nextIds: { '3': 2 }, rows: [{ id: 1, ticket_id: 3, note: 'Old too' }] },
    };
    await writeFile(state, JSON.stringify({ format: 'haloitsm-simulator/1', records }));
    const simulator = await startSimulator({ state });
    onTestFinished(() => simulator.stop());
    const { get, post } = callerOf(simulator, ['all']);
    expect((await get('Actions?ticket_id=3')).body.actions).toMatchObject([{ note: 'Old too' }]);
    expect((await post('Tickets', [{ summary: 'New' }])).body.id).toBe(8);
    await simulator.stop();
    expect(await readFile(state, 'utf8')).toMatch(/^{"format":"haloitsm-simulator\/2"/);
  });

  it('that is damaged is refused, and one that cannot be written fails at the end', async () => {
    const state = await file();
    const { simulator } = await simulate({ state, tickets: 3 });
    await simulator.stop();
    const text = await readFile(state, 'utf8');
    await writeFile(state, `${text.slice(0, -20)}\n`);
    await expect(startSimulator({ state })).rejects.toThrow('is damaged');
    const below = join(state, '..', 'below');
    const lost = await startSimulator({ state: join(below, 'state.json'), tickets: 3 });
    await writeFile(below, 'a file where a folder should be');
    await expect(lost.stop()).rejects.toThrow();
    expect(await readdir(join(state, '..'))).toEqual(['below', 'state.json']);
  });
});
