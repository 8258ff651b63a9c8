const MOST = 500;

/** What is made of a few texts again and again. It forgets everything when it is full: records could fill it. */
export class BoundedCache<T> {
  readonly #made = new Map<string, T>();
  readonly #make: (key: string) => T;

  constructor(make: (key: string) => T) {
    this.#make = make;
  }

  get(key: string): T {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = this.#make(key);
    if (this.#made.size >= MOST) this.#made.clear();
    this.#made.set(key, made);
    return made;
  }
}
