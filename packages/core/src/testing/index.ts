/**
 * For the tests of plugins, with vitest: the conformance suites, each a list of things that every component of a
 * kind must do, and what a component is given in a test.
 */
import { describe, it } from 'vitest';
import type { Client } from '../contracts.ts';
import type { Check } from './check.ts';
import { type ClientSubject, clientChecks } from './client-suite.ts';
import { type PublisherSubject, publisherChecks } from './publisher-suite.ts';
import { type SubscriberSubject, subscriberChecks } from './subscriber-suite.ts';
import { type TransformerSubject, transformerChecks } from './transformer-suite.ts';

export { CANARY, type Check } from './check.ts';
export { type ClientArrangement, type ClientSubject, clientChecks } from './client-suite.ts';
export { type PublisherArrangement, type PublisherSubject, publisherChecks } from './publisher-suite.ts';
export { serve, unusedUrl } from './serve.ts';
export { type SubscriberArrangement, type SubscriberSubject, subscriberChecks } from './subscriber-suite.ts';
export { type TestRun, testDependencies, testRun } from './test-run.ts';
export { type TransformerSubject, transformerChecks } from './transformer-suite.ts';

function suite(name: string, checks: readonly Check[]): void {
  describe(name, () => {
    for (const check of checks) it(check.name, check.run);
  });
}

/** Registers a test for each thing that a client must do. */
export function clientSuite<C extends Client>(subject: ClientSubject<C>): void {
  suite('as a client', clientChecks(subject));
}

/** Registers a test for each thing that a subscriber must do. */
export function subscriberSuite<C extends Client>(subject: SubscriberSubject<C>): void {
  suite('as a subscriber', subscriberChecks(subject));
}

/** Registers a test for each thing that a publisher must do. */
export function publisherSuite<C extends Client>(subject: PublisherSubject<C>): void {
  suite('as a publisher', publisherChecks(subject));
}

/** Registers a test for each thing that a transformer must do. */
export function transformerSuite(subject: TransformerSubject): void {
  suite('as a transformer', transformerChecks(subject));
}
