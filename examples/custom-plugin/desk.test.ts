import { CANARY, clientSuite, publisherSuite, subscriberSuite, unusedUrl } from '@millrace/core/testing';
import { describe } from 'vitest';
import { DeskServer } from './desk-server.ts';
import plugin from './plugins/desk.ts';

const { client, subscriber, publisher } = plugin.components as never as {
  client: Parameters<typeof clientSuite>[0]['component'];
  subscriber: Parameters<typeof subscriberSuite>[0]['component'];
  publisher: Parameters<typeof publisherSuite>[0]['component'];
};
const five = [1, 2, 3, 4, 5].map((id) => ({ id, subject: `Ticket ${id}` }));

describe('the desk plugin', () => {
  clientSuite({
    component: client,
    async arrange() {
      const { url, token } = await DeskServer.start();
      return {
        options: { url, token },
        refused: { url, token: `${CANARY}-wrong` },
        unreachable: { url: await unusedUrl(), token },
      };
    },
  });

  subscriberSuite({
    component: subscriber,
    client,
    async arrange() {
      const { url, token } = await DeskServer.start(five);
      return {
        options: { pageSize: 2 },
        clientOptions: { url, token },
        expected: five,
        unreachable: { url: await unusedUrl(), token },
      };
    },
  });

  publisherSuite({
    component: publisher,
    client,
    async arrange() {
      const { server, url, token } = await DeskServer.start();
      return {
        options: {},
        clientOptions: { url, token },
        data: five,
        received: () => server.tickets,
        expected: five,
        failNext: (how) => server.failNext(how),
      };
    },
  });
});
