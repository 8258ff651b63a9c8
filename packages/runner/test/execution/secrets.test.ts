import { describe, expect, it } from 'vitest';
import { SecretMask } from '../../src/execution/secrets.ts';

const SECRET = 'p&ss "wörd"/1';

describe('a secret', () => {
  const mask = new SecretMask([SECRET, 'abc']);
  it.each([
    ['itself', SECRET],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['form-encoded', encodeURIComponent(SECRET).replaceAll('%20', '+')],
    ['as JSON text', JSON.stringify({ a: SECRET })],
    ['in Base64', Buffer.from(SECRET).toString('base64')],
  ])('is masked: %s', (_, text) => {
    expect(mask.text(`before ${text} after`)).toMatch(/^before .*•••.* after$/);
  });

  it('is masked in keys and values at any depth', () => {
    expect(mask.json({ a: [{ [SECRET]: `x${SECRET}y` }] })).toEqual({ a: [{ '•••': 'x•••y' }] });
  });

  it('that is too short to be one masks nothing', () => {
    expect(mask.text('abcdef')).toBe('abcdef');
  });
});
