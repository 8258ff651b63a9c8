import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { story } from '../../src/cli/task-story.ts';
import type { TaskDetails } from '../../src/store/store.ts';

const AT = (second: number) => `2027-03-01T10:00:0${second}.000Z`;
const exchange = (status: number) => ({
  request: { method: 'POST', url: 'http://halo/api/Asset', body: [{ n: 1 }] },
  response: { status, body: { message: 'no' } },
});
const TASK: TaskDetails = {
  id: '01TASK',
  route: 'to-assets',
  type: 'ticket',
  identifier: '7',
  status: 'finished',
  attempts: 3,
  createdAt: AT(0),
  updatedAt: AT(9),
  dueAt: null,
  runId: '01RUN',
  stage: 'outgoing',
  data: { payload: 1 },
  raw: { id: 7 },
  history: [
    {
      number: 1,
      startedAt: AT(1),
      finishedAt: AT(2),
      outcome: 'rejected',
      error: { code: 'entity.rejected', message: 'answered 400' },
      exchange: exchange(400),
    },
    { number: 2, startedAt: AT(5), finishedAt: AT(6), outcome: 'unknown' },
    { number: 3, startedAt: AT(8), finishedAt: AT(9), outcome: 'finished', response: { id: 70 } },
  ],
  events: [
    { at: AT(3), event: 'retried by command', detail: 'was rejected, with edited data' },
    { at: AT(7), event: 'lease freed', detail: 'process 12 on here ended' },
  ],
};
const told = (task: Partial<TaskDetails> = {}) =>
  stripVTControlCharacters(story({ ...TASK, ...task })).split('\n');
const times = (lines: readonly string[]) => lines.filter((line) => /^\d{4}-/.test(line));

describe('the story of a task', () => {
  it('is told in the order in which it happened, commands among the attempts', () => {
    expect(times(told())).toEqual([
      '2027-03-01 10:00:00.000  made by run 01RUN',
      '2027-03-01 10:00:01.000  attempt 1: rejected, 1000 ms',
      '2027-03-01 10:00:03.000  retried by command: was rejected, with edited data',
      '2027-03-01 10:00:05.000  attempt 2: unknown (nobody knows whether it arrived), 1000 ms',
      '2027-03-01 10:00:07.000  lease freed: process 12 on here ended',
      '2027-03-01 10:00:08.000  attempt 3: finished (delivered), 1000 ms',
    ]);
  });

  it('tells what was sent and what was answered with its attempt', () => {
    const lines = told().map((line) => line.trim());
    const of = (text: string) => lines.findIndex((line) => line.includes(text));
    expect(lines[of('attempt 1') + 2]).toBe('POST http://halo/api/Asset → 400');
    expect(of('"message": "no"')).toBeLessThan(of('attempt 2'));
    expect(of('"id": 70')).toBeGreaterThan(of('attempt 3'));
  });

  it('says where it failed, and what can be done', () => {
    const error = {
      code: 'value.missing',
      message: 'no value',
      hint: 'Write ?{…}.',
      file: 'configs/incoming/tickets.yaml',
      line: 3,
      path: 'transformers[0].set',
    };
    const lines = told({
      status: 'failed',
      stage: 'incoming',
      data: { id: 7 },
      history: [],
      events: [],
      error,
    });
    expect(lines).toEqual([
      'ticket/7 on route to-assets: failed',
      '  value.missing: no value',
      '  in configs/incoming/tickets.yaml:3 transformers[0].set',
      '  → Write ?{…}.',
      'task 01TASK',
      '',
      '2027-03-01 10:00:00.000  made by run 01RUN',
      '                         to send it again: millrace tasks retry 01TASK',
      '',
      // Once: the record as it was read is all that there is of it.
      'As it was read; it failed in the incoming, before it was a task:',
      '  {',
      '    "id": 7',
      '  }',
    ]);
  });

  it.each([
    [{ status: 'retry', dueAt: AT(9) }, '2027-03-01 10:00:09.000  attempt 4 is due'],
    [{ status: 'unknown' }, 'waits for you: millrace tasks retry 01TASK, or skip'],
    [{ status: 'waiting' }, 'waits for millrace tasks confirm 01TASK'],
    [{ status: 'new' }, 'waits for its turn'],
  ] as const)('says what comes next: %j', (task, line) => {
    expect(told(task).map((one) => one.trim())).toContain(line);
  });
});
