import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether two secrets are the same, in a time that tells neither how much of them is nor how long they are. */
export function equalSecrets(left: string | Uint8Array, right: string | Uint8Array): boolean {
  const hash = (value: string | Uint8Array) => createHash('sha256').update(value).digest();
  return timingSafeEqual(hash(left), hash(right));
}
