import { MillraceError } from '../errors.ts';

/** One link of a `Link` header. */
export interface WebLink {
  /** As it stands there: relative ones begin at the address of the request. */
  readonly target: string;
  /** Relation types in lower case. */
  readonly rel: readonly string[];
  /** The resource that the link belongs to, where it is not the one that was asked for. */
  readonly anchor?: string;
}

/**
 * Reads a `Link` header as RFC 8288, appendix B, does. The RFC lets a reader stop at what it cannot read; here that is an
 * error (`client.protocol`), since a next page that is not seen would be missing without a word.
 */
export function parseLinkHeader(header: string): readonly WebLink[] {
  return new LinkParser(header).parse();
}

class LinkParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): readonly WebLink[] {
    const links: WebLink[] = [];
    for (;;) {
      // Empty members of a list are nothing.
      this.#while(/[\s,]/);
      if (this.#at >= this.#text.length) return links;
      links.push(this.#link());
      this.#while(/\s/);
      if (this.#at < this.#text.length && this.#peek() !== ',') throw this.#malformed();
    }
  }

  #link(): WebLink {
    if (this.#peek() !== '<') throw this.#malformed();
    this.#at++;
    const target = this.#while(/[^>]/);
    if (this.#peek() !== '>') throw this.#malformed();
    this.#at++;
    // The first of each counts, by the RFC.
    const parameters = new Map<string, string>();
    for (let next = this.#parameter(); next; next = this.#parameter()) {
      if (!parameters.has(next[0])) parameters.set(...next);
    }
    const anchor = parameters.get('anchor');
    const rel = (parameters.get('rel') ?? '')
      .toLowerCase()
      .split(/\s+/)
      .filter((type) => type !== '');
    return { target: target.trim(), rel, ...(anchor !== undefined && { anchor }) };
  }

  #parameter(): [name: string, value: string] | undefined {
    this.#while(/\s/);
    if (this.#peek() !== ';') return undefined;
    this.#at++;
    this.#while(/\s/);
    const name = this.#while(/[^\s=;,]/).toLowerCase();
    this.#while(/\s/);
    if (this.#peek() !== '=') return [name, ''];
    this.#at++;
    this.#while(/\s/);
    return [name, this.#peek() === '"' ? this.#quoted() : this.#while(/[^;,]/).trimEnd()];
  }

  #quoted(): string {
    let value = '';
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const character = this.#peek();
      if (character === '"') {
        this.#at++;
        return value;
      }
      if (character === '\\') this.#at++;
      value += this.#peek();
    }
    throw this.#malformed();
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  /** Takes characters as long as they match. */
  #while(pattern: RegExp): string {
    const start = this.#at;
    while (this.#at < this.#text.length && pattern.test(this.#peek())) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #malformed(): MillraceError {
    const message = `The Link header cannot be read at position ${this.#at + 1}: ${this.#text.slice(0, 200)}`;
    return new MillraceError('client.protocol', message);
  }
}
