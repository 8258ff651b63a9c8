import { checkRequestPath, definePublisher } from '@millrace/core';
import { client } from './client.ts';
import { PublisherOptions } from './publisher-options.ts';
import { Sender } from './sender.ts';
import { checkVerify, compileVerify } from './verify.ts';

export const publisher = definePublisher({
  client,
  description:
    'Sends records to any REST API. The body is the whole record, where `body` says nothing else; DELETE sends none.',
  options: PublisherOptions,
  check({ method, path, body, encoding, bundle, verify }, report) {
    checkRequestPath(path, report, ['path']);
    if (verify) checkVerify(verify, method, report);
    if (bundle && encoding !== 'json') {
      const message = 'Only JSON can be bundled';
      report({ code: 'config.invalid_value', message, path: ['bundle'], atKey: true });
    }
    if (bundle && method.toUpperCase() === 'DELETE' && body === undefined) {
      const message = 'A DELETE without a body has nothing to bundle';
      report({
        code: 'config.missing_option',
        message,
        hint: 'Give it a body.',
        path: ['bundle'],
        atKey: true,
      });
    }
  },
  create(options, { client: api, compile }) {
    const sender = new Sender(options, api, compile);
    const verify = options.verify && compileVerify(options.verify, options.method, api, compile);
    return { publish: (messages, run) => sender.publish(messages, run), ...(verify && { verify }) };
  },
});
