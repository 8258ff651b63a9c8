import {
  type Client,
  definePlugin,
  definePublisher,
  defineSubscriber,
  type Json,
  type JsonObject,
  type Message,
  Options,
  type Outcome,
  type Verdict,
} from '@millrace/core';
import type { Files } from './in-process.ts';

/** A system of the test's own: what it gives, and what becomes of what it is sent. */
export class Desk {
  /** Its records, page by page. */
  pages: readonly (readonly JsonObject[])[] = [];
  /** What it says that there are; its records, where nothing is said. */
  announced: number | undefined;
  /** How many pages were asked for. */
  asked = 0;
  /** What it was sent, in order. */
  readonly sent: Message[] = [];
  /** Which tasks it was asked about. */
  readonly verified: string[] = [];
  /** What becomes of a message. */
  receive: (message: Message) => Promise<Outcome> | Outcome = () => ({ status: 'delivered' });
  /** Where it can tell what became of a message. */
  verify: ((message: Message) => Promise<Verdict> | Verdict) | undefined;

  /** Records with ids, so many a page. */
  fill(count: number, pageSize: number, more: JsonObject = {}): void {
    const records = Array.from({ length: count }, (_, index) => ({ id: index + 1, ...more }));
    this.pages = Array.from({ length: Math.ceil(count / pageSize) }, (_, page) =>
      records.slice(page * pageSize, (page + 1) * pageSize),
    );
  }

  get ids(): readonly string[] {
    return this.sent.map(({ entity }) => entity.id);
  }

  get #total(): number {
    return this.announced ?? this.pages.flat().length;
  }

  async *read(from: { readonly position?: Json }) {
    for (let page = Number(from.position ?? 0); page < this.pages.length; page++) {
      this.asked++;
      yield { entities: this.pages[page] ?? [], position: page + 1, total: this.#total };
    }
    return undefined;
  }
}

// A local plugin is loaded by its file; what it stands for is the desk of the test that runs.
const CURRENT = Symbol.for('millrace.test.desk');
let desk: Desk | undefined;
const current = (): Desk => {
  if (!desk) throw new Error('no desk');
  return desk;
};

const subscriber = defineSubscriber<ReturnType<typeof Options>, Client>({
  description: 'Reads what the desk of the test has.',
  options: Options({}),
  create: () => ({ read: (from) => current().read(from) }),
});

const publisher = definePublisher<ReturnType<typeof Options>, Client>({
  description: 'Sends to the desk of the test.',
  options: Options({}),
  create: () => {
    const { verify } = current();
    return {
      publish: (messages) =>
        Promise.all(
          messages.map((message) => {
            current().sent.push(message);
            return current().receive(message);
          }),
        ),
      ...(verify && {
        verify: async (message: Message) => {
          current().verified.push(message.taskId);
          return verify(message);
        },
      }),
    };
  },
});

Object.assign(globalThis, {
  [CURRENT]: definePlugin({ name: 'desk', components: { subscriber, publisher } }),
});

/** Makes a desk the one that projects with {@link DESK_PROJECT} talk to. */
export function openDesk(): Desk {
  desk = new Desk();
  return desk;
}

export const DESK_PROJECT: Files = {
  'plugins/desk.ts': "export default (globalThis as never)[Symbol.for('millrace.test.desk')];\n",
  'incoming/records.yaml': 'subscriber: { desk: {} }\nentity: { type: record, identifier: id }\n',
  'routes/to-desk.yaml': 'incoming: records\noutgoing: desk\n',
  'outgoing/desk.yaml':
    'publisher: { desk: {} }\nretry: { attempts: 3, initial: 1m, max: 1m, jitter: none }\nconcurrency: 5\n',
};
