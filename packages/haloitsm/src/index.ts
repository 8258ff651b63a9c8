import { definePlugin } from '@millrace/core';
import { searchOperations } from './catalogue/search.ts';
import { client } from './client.ts';
import { customFields } from './custom-fields.ts';
import { dates } from './dates.ts';
import { echo } from './echo.ts';
import { publisher } from './publisher.ts';
import { reference } from './reference.ts';
import { request } from './request.ts';
import { subscriber } from './subscriber.ts';
import { webhook } from './webhook.ts';

export default definePlugin({
  name: 'haloitsm',
  components: {
    client,
    subscriber,
    publisher,
    'haloitsm.request': request,
    'haloitsm.webhook': webhook,
    reference,
    'haloitsm.customfields': customFields,
    'haloitsm.dates': dates,
    'haloitsm.echo': echo,
  },
  search: searchOperations,
});
