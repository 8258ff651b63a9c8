import type { JsonObject } from '@millrace/core';
import { clientSuite, publisherSuite, subscriberSuite, unusedUrl } from '@millrace/core/testing';
import { describe, onTestFinished } from 'vitest';
import { DeskServer } from './desk-server.ts';
import { client, publisher, subscriber } from './plugins/desk.ts';

const tickets = [1, 2, 3, 4, 5].map((id) => ({ id, subject: `Ticket ${id}` }));

/** A desk of its own for each check: the server, the options that lead to it, and an address that leads nowhere. */
async function desk(content: readonly JsonObject[] = []) {
  const { server, url, token } = await DeskServer.start(content);
  onTestFinished(() => server.close());
  return { server, clientOptions: { url, token }, unreachable: { url: await unusedUrl(), token } };
}

describe('the desk plugin', () => {
  clientSuite({
    component: client,
    async arrange() {
      const { clientOptions, unreachable } = await desk();
      return { options: clientOptions, unreachable, refused: { ...clientOptions, token: 'not-the-token' } };
    },
  });

  subscriberSuite({
    component: subscriber,
    async arrange() {
      const { server, clientOptions, unreachable } = await desk(tickets);
      return {
        options: { pageSize: 2 },
        clientOptions,
        unreachable,
        expected: tickets,
        breakNext: () => server.failNext('truncate'),
        grow: () => {
          const ticket = { id: 6, subject: 'A new one' };
          server.tickets.push(ticket);
          return [ticket];
        },
        open: () => server.connections(),
      };
    },
  });

  publisherSuite({
    component: publisher,
    async arrange() {
      const { server, clientOptions, unreachable } = await desk();
      const comments = tickets.map(({ id }) => ({ ticket: id, text: 'Seen' }));
      return {
        options: {},
        clientOptions,
        unreachable,
        data: comments,
        invalid: { ticket: 9 },
        received: () => server.comments,
        expected: comments,
        failNext: (how) => server.failNext(how),
        breakNext: () => server.failNext('fail'),
      };
    },
  });
});
