import { checkLength } from '../functions/arguments.ts';
import { Containers } from './containers.ts';
import { Inline, longestRun } from './inline.ts';
import { BLOCKS } from './plain-text.ts';
import { Table } from './table.ts';
import { type Attributes, type HtmlEvents, readHtml } from './tokens.ts';

/** The Markdown (CommonMark, with tables and ~~struck out~~ text) of an HTML document, as near as it comes. */
export function toMarkdown(html: string): string {
  const writer = new MarkdownWriter();
  readHtml(html, writer);
  return writer.end();
}

/**
 * Writes Markdown while HTML is read. No tree is made and nothing is looked at twice, so that the time depends on the
 * length of the text alone; mail and pasted pages bring tags nested thousands deep, and worse.
 */
class MarkdownWriter implements HtmlEvents {
  readonly #inline = new Inline();
  readonly #containers = new Containers();
  #out = '';
  #heading = 0;
  /** The text of a `pre` that is open. */
  #pre: string | undefined;
  #language = '';
  #table: Table | undefined;

  text(text: string): void {
    if (this.#pre === undefined) this.#inline.text(text);
    else this.#pre += text;
  }

  open(name: string, attributes: Attributes): void {
    if (this.#pre !== undefined) {
      if (name === 'br') this.#pre += '\n';
      if (name === 'code') this.#language ||= languageOf(attributes);
      return;
    }
    if (name === 'br') this.#inline.lineBreak();
    else if (name === 'img') this.#inline.image(attributes);
    else if (name === 'table') this.#openTable();
    else if (this.#table?.open(name, () => this.#inline.take())) return;
    else if (isBlock(name)) this.#openBlock(name, attributes);
    else this.#inline.open(name, attributes);
  }

  close(name: string): void {
    if (name === 'pre') this.#closePre();
    else if (this.#pre !== undefined) return;
    else if (name === 'table') this.#closeTable();
    else if (this.#table?.close(name, () => this.#inline.take())) return;
    else if (isBlock(name)) {
      if (this.#table) return this.#inline.text(' ');
      this.#flush();
      this.#containers.close(name);
      if (/^h[1-6]$/.test(name)) this.#heading = 0;
    } else this.#inline.close(name);
  }

  end(): string {
    this.#closePre();
    this.#abandonTable();
    this.#flush();
    return this.#out.trim();
  }

  #openBlock(name: string, attributes: Attributes): void {
    // A table that holds blocks of more than text arranges a page; Markdown has no such tables.
    if (this.#table && !['p', 'div', 'center', 'section'].includes(name)) this.#abandonTable();
    if (this.#table) return this.#inline.text(' ');
    this.#flush();
    if (name === 'hr') this.#block('---');
    else if (name === 'pre') {
      this.#pre = '';
      this.#language = languageOf(attributes);
    } else if (/^h[1-6]$/.test(name)) this.#heading = Number(name[1]);
    else this.#containers.open(name, attributes);
  }

  #openTable(): void {
    this.#abandonTable();
    this.#flush();
    this.#table = new Table();
  }

  #closeTable(): void {
    if (!this.#table) return this.#flush();
    this.#table.close('tr', () => this.#inline.take());
    const markdown = this.#table.markdown();
    if (markdown === undefined) return this.#abandonTable();
    this.#table = undefined;
    this.#block(markdown);
  }

  /** What was taken for a table is written as paragraphs, and so is what comes of it. */
  #abandonTable(): void {
    if (!this.#table) return;
    this.#table.close('tr', () => this.#inline.take());
    for (const paragraph of this.#table.paragraphs()) this.#paragraph(paragraph);
    this.#table = undefined;
  }

  #closePre(): void {
    if (this.#pre === undefined) return;
    const code = this.#pre.replace(/^\n/, '').trimEnd();
    this.#pre = undefined;
    if (code === '') return;
    const fence = '`'.repeat(Math.max(2, longestRun(code)) + 1);
    this.#block(`${fence}${this.#language}\n${code}\n${fence}`);
  }

  #flush(): void {
    const text = this.#inline.take();
    if (text !== '') this.#paragraph(text);
  }

  #paragraph(text: string): void {
    const safe = text.replace(/^( *)(#{1,6}(?= |$)|[-+](?= |$)|={1,}$|-{1,}$|>)/gm, '$1\\$2');
    const paragraph = safe.replace(/^( *\d{1,9})([.)])(?= |$)/gm, '$1\\$2');
    if (this.#heading === 0) this.#block(paragraph);
    else this.#block(`${'#'.repeat(this.#heading)} ${text.replace(/ *\n+/g, ' ')}`);
  }

  #block(markdown: string): void {
    const { text, tight } = this.#containers.place(markdown);
    checkLength(this.#out.length + text.length);
    this.#out += `${this.#out === '' ? '' : tight ? '\n' : '\n\n'}${text}`;
  }
}

function isBlock(name: string): boolean {
  return BLOCKS.has(name) || name === 'td' || name === 'th' || name === 'caption';
}

function languageOf(attributes: Attributes): string {
  return /\b(?:language|lang|brush)[-:] ?([\w+#-]{1,30})/.exec(attributes['class'] ?? '')?.[1] ?? '';
}
