// Appends records until it is killed, and prints how many are in the file.
import { AppendFile } from '../src/append-file.ts';

const [path = '', round = '0'] = process.argv.slice(2);
const file = new AppendFile(path, { format: 'csv', delimiter: ',', columns: ['task', 'text'], sync: false });
for (let n = 0; ; n += 5) {
  const tasks = Array.from({ length: 5 }, (_, index) => `${round}-${n + index}`);
  await Promise.all(tasks.map((task) => file.append(task, { task, text: `line of ${task}\n"quoted"` })));
  process.stdout.write(`${n + 5}\n`);
}
