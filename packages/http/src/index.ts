import { definePlugin } from '@millrace/core';
import { client } from './client.ts';
import { publisher } from './publisher.ts';
import { subscriber } from './subscriber.ts';
import { webhook } from './webhook.ts';

export default definePlugin({
  name: 'http',
  components: { client, subscriber, publisher, 'http.webhook': webhook },
});
