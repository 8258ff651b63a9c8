import { onDemand } from '../functions/on-demand.ts';

const tokenizerClass = onDemand('htmlparser2', (module: typeof import('htmlparser2')) => module.Tokenizer);

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
  // A name at the very end is told as text otherwise.
  const source = `${html} `;
  const tags = new Tags(source, events);
  const Tokenizer = tokenizerClass();
  const tokenizer = new Tokenizer({ decodeEntities: true }, tags);
  tokenizer.write(source);
  tokenizer.end();
  tags.flush();
}

class Tags {
  readonly #html: string;
  readonly #events: HtmlEvents;
  #name = '';
  #attributes: Record<string, string> = {};
  #attribute = '';
  #value = '';
  /** Text since the last tag: it comes in pieces, one for each entity. */
  #text = '';
  /** The element that is being left out. */
  #unseen: string | undefined;

  constructor(html: string, events: HtmlEvents) {
    this.#html = html;
    this.#events = events;
  }

  flush(): void {
    if (this.#text !== '') this.#events.text(this.#text);
    this.#text = '';
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
    this.flush();
    if (UNSEEN.has(this.#name)) this.#unseen = this.#name;
    else this.#events.open(this.#name, this.#attributes);
  }

  onselfclosingtag(): void {
    this.onopentagend();
  }

  onclosetag(start: number, end: number): void {
    const name = this.#html.slice(start, end).toLowerCase();
    if (this.#unseen === undefined) {
      this.flush();
      this.#events.close(name);
    } else if (name === this.#unseen) this.#unseen = undefined;
  }

  ontext(start: number, end: number): void {
    if (this.#unseen === undefined) this.#text += this.#html.slice(start, end);
  }

  ontextentity(codepoint: number): void {
    if (this.#unseen === undefined) this.#text += String.fromCodePoint(codepoint);
  }

  oncdata(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}
}
