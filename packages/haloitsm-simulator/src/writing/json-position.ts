/**
 * Where a value ends in a JSON text, as Newtonsoft counts it: lines from 1, and in the line the characters up to and
 * with the value's last. The text must be valid JSON, and the path must lie in it.
 */
export function positionOf(
  text: string,
  path: readonly (string | number)[],
): { line: number; position: number } {
  const end = new Scanner(text).find(path);
  const before = text.slice(0, end);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, position: end - lineStart };
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  find([step, ...rest]: readonly (string | number)[]): number {
    this.#space();
    if (step === undefined) {
      this.#value();
      return this.#at;
    }
    for (let index = 0; ; index++) {
      this.#at++;
      this.#space();
      if (typeof step === 'number') {
        if (index === step) return this.find(rest);
      } else {
        const start = this.#at;
        this.#value();
        const name: unknown = JSON.parse(this.#text.slice(start, this.#at));
        this.#space();
        this.#at++;
        if (name === step) return this.find(rest);
      }
      this.#space();
      this.#value();
      this.#space();
      if (this.#text[this.#at] !== ',') return this.#at;
    }
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  /** Goes behind the value that begins here. */
  #value(): void {
    const first = this.#text[this.#at];
    if (first === '"') return this.#string();
    if (first !== '{' && first !== '[') {
      while (/[^\s,\]}]/.test(this.#text[this.#at] ?? ',')) this.#at++;
      return;
    }
    let depth = 0;
    do {
      const character = this.#text[this.#at];
      if (character === '"') {
        this.#string();
        continue;
      }
      if (character === '{' || character === '[') depth++;
      if (character === '}' || character === ']') depth--;
      this.#at++;
    } while (depth > 0 && this.#at < this.#text.length);
  }

  #string(): void {
    this.#at++;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
    }
    this.#at++;
  }
}
