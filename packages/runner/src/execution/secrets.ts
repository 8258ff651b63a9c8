import type { Exchange, Json } from '@millrace/core';

const MASK = '•••';
/** A shorter secret would mask half of every text, and is none. */
const MIN_LENGTH = 4;

/** Masks the project's secrets in texts and in JSON, whatever form they took on their way. */
export class SecretMask {
  #secrets: readonly string[] = [];

  constructor(secrets: Iterable<string>) {
    this.learn(secrets);
  }

  /** Masks these as well from now on. */
  learn(secrets: Iterable<string>): void {
    const forms = [...secrets].filter((secret) => secret.length >= MIN_LENGTH).flatMap(formsOf);
    // Longest first, so that a secret that contains another one is masked whole.
    this.#secrets = [...new Set([...this.#secrets, ...forms])].sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    let masked = text;
    for (const secret of this.#secrets) {
      if (masked.includes(secret)) masked = masked.replaceAll(secret, MASK);
    }
    return masked;
  }

  /** The same value where nothing in it is secret. */
  json<T extends Json | undefined>(value: T): T {
    return this.#walk(value) as T;
  }

  exchange(exchange: Exchange): Exchange {
    return this.#walk(exchange) as Exchange;
  }

  #walk(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((member) => this.#walk(member));
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [this.text(key), this.#walk(member)]),
    );
  }
}

function formsOf(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(secret).replaceAll('%20', '+'),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
  ];
}
