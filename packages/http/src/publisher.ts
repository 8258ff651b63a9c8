import { checkRequestPath, checkRequestShape, definePublisher, shapes } from '@millrace/core';
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
  shape(_, check) {
    const { UNKNOWN, objectOf, scalar } = shapes;
    const answer = { status: scalar('integer'), headers: UNKNOWN, body: UNKNOWN };
    checkRequestShape(check);
    checkRequestShape(check, check.record, ['verify']);
    const refused = { whenTrue: 'every record is rejected', whenFalse: 'no record ever is' };
    check.condition(['refusedWhen'], refused, objectOf(answer));
    const found = {
      whenTrue: 'a record counts as delivered unseen',
      whenFalse: 'a record never counts as delivered',
    };
    check.condition(['verify', 'found'], found, objectOf({ ...answer, record: check.record }));
  },
  create(options, { client: api, compile }) {
    const sender = new Sender(options, api, compile);
    const verify = options.verify && compileVerify(options.verify, options.method, api, compile);
    return { publish: (messages, run) => sender.publish(messages, run), ...(verify && { verify }) };
  },
});
