import { Tokenizer } from 'htmlparser2';

export type Attributes = Readonly<Record<string, string>>;

/** What is told of an HTML text, in order. Names are in small letters; nothing is closed that was not written so. */
export interface HtmlEvents {
  open(name: string, attributes: Attributes): void;
  close(name: string): void;
  /** Entities are decoded. */
  text(text: string): void;
}

/** Elements whose text is no text for people. */
const UNSEEN: ReadonlySet<string> = new Set(['script', 'style', 'title', 'iframe', 'noembed', 'noframes']);

const KEPT: ReadonlySet<string> = new Set(['href', 'src', 'alt', 'class', 'start']);

/**
 * Reads HTML of any kind, broken as it may be, in time proportional to its length: tags are told as they come, and no
 * tree is made. What stands in scripts, styles and comments is left out.
 */
export function readHtml(html: string, events: HtmlEvents): void {
  const tokenizer = new Tokenizer({ decodeEntities: true }, new Tags(html, events));
  tokenizer.write(html);
  tokenizer.end();
}

class Tags {
  readonly #html: string;
  readonly #events: HtmlEvents;
  #name = '';
  #attributes: Record<string, string> = {};
  #attribute = '';
  #value = '';
  /** The element that is being left out. */
  #unseen: string | undefined;

  constructor(html: string, events: HtmlEvents) {
    this.#html = html;
    this.#events = events;
  }

  onopentagname(start: number, end: number): void {
    this.#name = this.#html.slice(start, end).toLowerCase();
    this.#attributes = {};
  }

  onattribname(start: number, end: number): void {
    this.#attribute = this.#html.slice(start, end).toLowerCase();
    this.#value = '';
  }

  onattribdata(start: number, end: number): void {
    this.#value += this.#html.slice(start, end);
  }

  onattribentity(codepoint: number): void {
    this.#value += String.fromCodePoint(codepoint);
  }

  onattribend(): void {
    if (KEPT.has(this.#attribute)) this.#attributes[this.#attribute] ??= this.#value;
  }

  onopentagend(): void {
    if (this.#unseen !== undefined) return;
    if (UNSEEN.has(this.#name)) this.#unseen = this.#name;
    else this.#events.open(this.#name, this.#attributes);
  }

  onselfclosingtag(): void {
    this.onopentagend();
  }

  onclosetag(start: number, end: number): void {
    const name = this.#html.slice(start, end).toLowerCase();
    if (this.#unseen === undefined) this.#events.close(name);
    else if (name === this.#unseen) this.#unseen = undefined;
  }

  ontext(start: number, end: number): void {
    if (this.#unseen === undefined) this.#events.text(this.#html.slice(start, end));
  }

  ontextentity(codepoint: number): void {
    if (this.#unseen === undefined) this.#events.text(String.fromCodePoint(codepoint));
  }

  oncdata(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}
}
