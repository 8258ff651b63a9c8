import type { Attributes } from './tokens.ts';

/** Markdown's marks of inline elements. */
const MARKS: Readonly<Record<string, string>> = {
  b: '**',
  strong: '**',
  i: '_',
  em: '_',
  del: '~~',
  s: '~~',
  strike: '~~',
  code: '`',
  kbd: '`',
  samp: '`',
  tt: '`',
};

/** Stands for a line break that was wanted; of private use, and taken out of every text. */
const BREAK = '\ue000';

interface Frame {
  readonly mark: string;
  readonly href: string;
  content: string;
}

const SPECIAL = /[\\`*[<]|~(?=~)|_(?!(?<=\w_)\w)|&(?=#?\w{1,10};)/g;

/**
 * The text of one block as Markdown. Elements may be closed in any order, or not at all; one of a kind that is open
 * already is not opened again, so that nothing nests deeper than there are kinds.
 */
export class Inline {
  readonly #frames: Frame[] = [{ mark: '', href: '', content: '' }];

  text(given: string): void {
    const text = given.replaceAll(BREAK, '');
    if (this.#isOpen('`')) this.#add(text);
    else this.#add(escaped(text, this.#isOpen('[')));
  }

  /** Markdown as it stands. */
  #add(markdown: string): void {
    const top = this.#frames.at(-1);
    if (top) top.content += markdown;
  }

  lineBreak(): void {
    this.#add(BREAK);
  }

  image({ src = '', alt = '' }: Attributes): void {
    const label = collapse(escaped(alt, true));
    if (/^\s*(?:https?:|cid:|\/|data:image\/|[\w.-]+(?:\/|$))/i.test(src))
      this.#add(`![${label}](${target(src)})`);
    else this.#add(label);
  }

  open(name: string, attributes: Attributes): void {
    if (name === 'a') {
      if (!this.#frames.some(({ mark }) => mark === '['))
        this.#frames.push(linkFrame(attributes['href'] ?? ''));
      return;
    }
    const mark = Object.hasOwn(MARKS, name) ? MARKS[name] : undefined;
    if (mark !== undefined && !this.#isOpen(mark) && !this.#isOpen('`'))
      this.#frames.push({ mark, href: '', content: '' });
  }

  close(name: string): void {
    const mark = name === 'a' ? '[' : Object.hasOwn(MARKS, name) ? MARKS[name] : undefined;
    if (mark === undefined || !this.#isOpen(mark)) return;
    const reopened: Frame[] = [];
    for (;;) {
      const frame = this.#pop();
      if (!frame || frame.mark === mark) break;
      reopened.unshift(frame);
    }
    this.#frames.push(...reopened.map((frame) => ({ ...frame, content: '' })));
  }

  /** Everything so far, as one text without line breaks but those that were wanted; what is open goes on. */
  take(): string {
    const open = this.#frames.slice(1);
    while (this.#frames.length > 1) this.#pop();
    const [root] = this.#frames;
    const markdown = root?.content ?? '';
    if (root) root.content = '';
    this.#frames.push(...open.map((frame) => ({ ...frame, content: '' })));
    return paragraphs(collapse(markdown).split(BREAK));
  }

  #isOpen(mark: string): boolean {
    return this.#frames.some((frame) => frame.mark === mark);
  }

  /** Closes the innermost element: what it holds, in its marks, goes to the one around it. */
  #pop(): Frame | undefined {
    if (this.#frames.length === 1) return undefined;
    const frame = this.#frames.pop();
    if (frame) this.#add(wrapped(frame));
    return frame;
  }
}

function linkFrame(href: string): Frame {
  // An address that would run a script is no address.
  const safe = /^\s*(?:https?:|mailto:|tel:|ftp:|[/#?.]|[^:]*$)/i.test(href) ? href.trim() : '';
  return { mark: '[', href: safe, content: '' };
}

function wrapped({ mark, href, content }: Frame): string {
  const [, before = '', inner = '', after = ''] = ends(content);
  if (inner === '') return content;
  if (mark === '[') return href === '' ? content : `${before}[${inner}](${target(href)})${after}`;
  if (mark !== '`') return `${before}${mark}${inner}${mark}${after}`;
  const fence = '`'.repeat(longestRun(inner) + 1);
  const space = inner.startsWith('`') || inner.endsWith('`') ? ' ' : '';
  return `${before}${fence}${space}${inner}${space}${fence}${after}`;
}

/** Signs that would mean something; the brackets that close a label only inside of one. */
function escaped(text: string, label: boolean): string {
  const safe = text.replace(SPECIAL, '\\$&');
  return label ? safe.replaceAll(']', '\\]') : safe;
}

/** A text, and the blanks and line breaks before and after it, which no mark may enclose. */
function ends(content: string): readonly string[] {
  const inner = content.replaceAll('\ue000', ' ').trim();
  if (inner === '') return [content, content, '', ''];
  const start = content.search(/[^\s\ue000]/);
  let end = content.length;
  while (end > start && /[\s\ue000]/.test(content[end - 1] ?? '')) end--;
  return [content, content.slice(0, start), content.slice(start, end), content.slice(end)];
}

/** The most back-ticks in a row. */
export function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}

/** Lines joined by hard breaks; an empty one begins a paragraph. */
function paragraphs(lines: readonly string[]): string {
  let markdown = '';
  let empty = false;
  for (const line of lines.map((one) => one.trim())) {
    if (line !== '') markdown += markdown === '' ? line : `${empty ? '\n\n' : '  \n'}${line}`;
    empty = line === '';
  }
  return markdown;
}

function target(address: string): string {
  const clean = address.trim().replace(/\p{Cc}/gu, '');
  return /[\s()<>]/.test(clean) ? `<${clean.replace(/[<>]/g, (sign) => encodeURIComponent(sign))}>` : clean;
}

function collapse(text: string): string {
  return text.replace(/[\s\u00a0]+/g, ' ');
}
