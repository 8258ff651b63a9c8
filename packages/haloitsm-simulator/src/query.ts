/** The query of a request. Names are read in any letter case, as ASP.NET reads them. */
export class Query {
  readonly #values = new Map<string, string>();

  constructor(parameters: Iterable<readonly [string, string]>) {
    for (const [name, value] of parameters) {
      const key = name.toLowerCase();
      if (!this.#values.has(key)) this.#values.set(key, value);
    }
  }

  /** Undefined where the parameter is missing or empty. */
  text(name: string): string | undefined {
    return this.#values.get(name) || undefined;
  }

  has(name: string): boolean {
    return this.text(name) !== undefined;
  }

  /** True where the parameter says so. */
  flag(name: string): boolean {
    return this.text(name)?.toLowerCase() === 'true';
  }

  /** True where the parameter says false; leaving it out says nothing. */
  denies(name: string): boolean {
    return this.text(name)?.toLowerCase() === 'false';
  }

  /** The whole number of a parameter; NaN where it is none. */
  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  }

  /** The members of a comma list. */
  list(name: string): readonly string[] {
    return (this.text(name)?.split(',') ?? []).map((member) => member.trim()).filter(Boolean);
  }

  entries(): readonly (readonly [string, string])[] {
    return [...this.#values];
  }
}
