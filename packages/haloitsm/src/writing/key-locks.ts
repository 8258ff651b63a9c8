/** Lets the work on one key go on only when the work on it before is done. */
export class KeyLocks {
  readonly #last = new Map<string, Promise<void>>();

  /** Queues for all keys at once, so that no two ever wait for each other. */
  async hold<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = keys.map((key) => this.#last.get(key));
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const key of keys) this.#last.set(key, promise);
    try {
      await Promise.all(before);
      return await work();
    } finally {
      resolve();
      for (const key of keys) if (this.#last.get(key) === promise) this.#last.delete(key);
    }
  }
}
