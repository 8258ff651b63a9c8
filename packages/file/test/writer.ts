// A process that publishes records until it is killed: `node writer.ts FOLDER PATH PREFIX COUNT GROUP`. It prints the
// number of each record that it knows to be delivered, and ends when all are.
import { createCompiler, createRegistry, type Message } from '@millrace/core';
import { publisher } from '../src/publisher.ts';

const [directory = '', path = '', prefix = '', count = '0', group = '1'] = process.argv.slice(2);
const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const resolvePath = (name: string) => `${directory}/${name}`;
const registry = createRegistry([]);
const compile = createCompiler({ registry, place: 'outgoing', saved: () => undefined, log, resolvePath });
const made = publisher.create(
  { path, record: '&{@}', delimiter: ',', rotate: 'none', sync: false },
  {
    compile,
    log,
    resolvePath,
    readFile: () => '',
    client: undefined as never,
    clientOf: () => undefined as never,
  },
);
const context = { run: { id: 'R', startedAt: '2026-01-01T00:00:00Z' } };
const storages = {
  get: () => {
    throw new Error('no storages here');
  },
};
const run = { id: 'R', signal: new AbortController().signal, log, storages, context };

let next = 0;
async function work(): Promise<void> {
  while (next < Number(count)) {
    const first = next;
    next = Math.min(Number(count), first + Number(group));
    const messages = Array.from({ length: next - first }, (_, index): Message => {
      const taskId = `${prefix}${first + index}`;
      const data = { task: taskId, text: `line of\n"${taskId}", ${'x'.repeat((first + index) % 300)}` };
      return { data, entity: { type: 'r', id: taskId }, taskId, attempt: 1, runId: 'R' };
    });
    const outcomes = await made.publish(messages, run);
    const delivered = outcomes.flatMap(({ status }, index) =>
      status === 'delivered' ? [first + index] : [],
    );
    process.stdout.write(`${delivered.join('\n')}\n`);
  }
}
await Promise.all(Array.from({ length: 4 }, work));
