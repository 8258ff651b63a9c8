import type { Attributes } from './tokens.ts';

/** Lists and quotations inside each other that are told apart; what is deeper belongs to the last of them. */
const DEEPEST = 12;

interface Container {
  readonly name: 'blockquote' | 'ul' | 'ol';
  /** The number of the next item. */
  next: number;
  /** The mark of the item that is open, once: before its first block. */
  mark: string;
  /** Columns that the blocks of the item are moved to the right. */
  indent: number;
}

/** The quotations and lists around a block, and what they put before its lines. */
export class Containers {
  readonly #open: Container[] = [];
  /** Ones that were opened below the deepest. */
  #ignored = 0;
  #lastWasItem = false;

  open(name: string, attributes: Attributes): void {
    if (name === 'li') this.#item();
    if (name !== 'blockquote' && name !== 'ul' && name !== 'ol') return;
    if (this.#open.length >= DEEPEST) {
      this.#ignored++;
      return;
    }
    const start = /^\d{1,9}$/.test(attributes['start'] ?? '') ? Number(attributes['start']) : 1;
    this.#open.push({ name, next: start, mark: '', indent: 0 });
  }

  close(name: string): void {
    const at = this.#open.findLastIndex((container) => container.name === name);
    if (at === -1) return;
    if (this.#ignored > 0) {
      this.#ignored--;
      return;
    }
    this.#open.length = at;
    this.#lastWasItem = at > 0 && this.#lastWasItem;
  }

  #item(): void {
    const list = this.#open.at(-1);
    if (!list || list.name === 'blockquote') return;
    list.mark = list.name === 'ul' ? '- ' : `${list.next}. `;
    list.indent = list.mark.length;
    list.next++;
  }

  /** A block with what stands before its lines. `tight`: an item right below the last one. */
  place(markdown: string): { readonly text: string; readonly tight: boolean } {
    let first = '';
    let rest = '';
    let item = false;
    for (const container of this.#open) {
      if (container.name === 'blockquote') {
        first += '> ';
        rest += '> ';
      } else {
        item = container.mark !== '';
        first += container.mark === '' ? ' '.repeat(container.indent) : container.mark;
        rest += ' '.repeat(container.indent);
        container.mark = '';
      }
    }
    const tight = item && this.#lastWasItem;
    this.#lastWasItem = item;
    const lines = markdown.split('\n');
    const text = lines.map((line, index) => `${index === 0 ? first : rest}${line}`).join('\n');
    return { text, tight };
  }
}
