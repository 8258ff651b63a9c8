import { describe, expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';

describe('2,000 random programs', () => {
  it('neither crash nor hang nor reach a prototype, and fail with typed errors at their place', {
    timeout: 240_000,
  }, async () => {
    const { refused, ran, failed } = await fuzz({ programs: 2000 });
    // All three happen: a generator whose programs are all refused would prove nothing.
    expect(Math.min(refused, ran, failed)).toBeGreaterThan(40);
  });
});
