import { expect } from 'vitest';
import { type Check, NotTried } from '../../src/testing/index.ts';

/** Runs checks: what failed, with what was said, and what could not be tried. */
export async function verdict(checks: readonly Check[]) {
  const failed: string[] = [];
  const skipped: string[] = [];
  for (const { name, run } of checks) {
    try {
      await run();
    } catch (error) {
      if (error instanceof NotTried) skipped.push(name);
      else failed.push(`${name}: ${(error as Error).message}`);
    }
  }
  return { failed, skipped };
}

/** What the check whose name begins like this says. */
export async function said(checks: readonly Check[], beginning: string): Promise<string> {
  const found = checks.filter(({ name }) => name.startsWith(beginning));
  expect(found, `checks that begin with "${beginning}"`).toHaveLength(1);
  const { failed } = await verdict(found);
  expect(failed, 'the wrong component passed').toHaveLength(1);
  return failed[0] ?? '';
}

export const nothing = { failed: [], skipped: [] };
