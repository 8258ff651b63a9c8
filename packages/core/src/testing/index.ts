/**
 * For the tests of plugins, with vitest: the conformance suites, each a list of things that every component of a
 * kind must do, and what a component is given in a test. What a suite cannot try, for want of a part of the
 * arrangement, it shows as skipped.
 */
import { describe, it } from 'vitest';
import { type Check, NotTried } from './check.ts';
import { type ClientSubject, clientChecks } from './client-suite.ts';
import { publisherChecks } from './publisher-suite.ts';
import type { PublisherSubject } from './publishing.ts';
import type { SubscriberSubject } from './reading.ts';
import { type ReceiverSubject, receiverChecks } from './receiver-suite.ts';
import { subscriberChecks } from './subscriber-suite.ts';
import { type TransformerSubject, transformerChecks } from './transformer-suite.ts';

export { type Check, NotTried } from './check.ts';
export { type ClientArrangement, type ClientSubject, clientChecks } from './client-suite.ts';
export { exampleChecks } from './examples.ts';
export { publisherChecks } from './publisher-suite.ts';
export type { PublisherArrangement, PublisherSubject } from './publishing.ts';
export type { SubscriberArrangement, SubscriberSubject } from './reading.ts';
export {
  hookRequest,
  type ReceiverArrangement,
  type ReceiverSubject,
  receiverChecks,
} from './receiver-suite.ts';
export { CANARY } from './secrets.ts';
export { type Handle, serve, startServer, type TestServer, unusedUrl } from './serve.ts';
export { subscriberChecks } from './subscriber-suite.ts';
export { type TestRun, testDependencies, testRun } from './test-run.ts';
export { type TransformerSubject, transformerChecks } from './transformer-suite.ts';

function suite(name: string, checks: readonly Check[]): void {
  describe(name, () => {
    for (const check of checks) {
      it(check.name, async (context) => {
        try {
          await check.run();
        } catch (error) {
          if (error instanceof NotTried) context.skip(error.message);
          throw error;
        }
      });
    }
  });
}

/** Registers a test for each thing that a client must do. */
export function clientSuite(subject: ClientSubject): void {
  suite('as a client', clientChecks(subject));
}

/** Registers a test for each thing that a subscriber must do. */
export function subscriberSuite(subject: SubscriberSubject): void {
  suite('as a subscriber', subscriberChecks(subject));
}

/** Registers a test for each thing that a receiver must do. */
export function receiverSuite(subject: ReceiverSubject): void {
  suite('as a receiver', receiverChecks(subject));
}

/** Registers a test for each thing that a publisher must do. */
export function publisherSuite(subject: PublisherSubject): void {
  suite('as a publisher', publisherChecks(subject));
}

/** Registers a test for each thing that a transformer must do. */
export function transformerSuite(subject: TransformerSubject): void {
  suite('as a transformer', transformerChecks(subject));
}
