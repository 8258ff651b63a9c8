import { definePlugin } from '@millrace/core';
import { publisher } from './publisher.ts';
import { subscriber } from './subscriber.ts';

export default definePlugin({ name: 'file', components: { subscriber, publisher } });
