import { checkLength } from '../functions/arguments.ts';

const MOST_COLUMNS = 200;

/** A table that is being read, row by row. */
export class Table {
  readonly #rows: string[][] = [];
  #row: string[] | undefined;
  #inCell = false;
  #caption = '';

  /** Takes what belongs to a table; false for anything else. `take` answers the text since it was last asked. */
  open(name: string, take: () => string): boolean {
    switch (name) {
      case 'td':
      case 'th':
        this.#endCell(take);
        this.#row ??= [];
        this.#inCell = true;
        return true;
      case 'tr':
      case 'thead':
      case 'tbody':
      case 'tfoot':
        this.#endRow(take);
        return true;
      case 'caption':
      case 'colgroup':
      case 'col':
        return true;
      default:
        return false;
    }
  }

  close(name: string, take: () => string): boolean {
    if (name === 'td' || name === 'th' || name === 'caption') this.#endCell(take);
    else if (name === 'tr' || name === 'thead' || name === 'tbody' || name === 'tfoot') this.#endRow(take);
    else return false;
    return true;
  }

  /** A table of Markdown, the first row as its head; undefined where it has one column only. */
  markdown(): string | undefined {
    const width = Math.min(MOST_COLUMNS, Math.max(0, ...this.#rows.map((row) => row.length)));
    if (width < 2) return undefined;
    checkLength(this.#rows.length * width * 3);
    const line = (cells: readonly string[]) =>
      `| ${Array.from({ length: width }, (_, index) => cells[index] ?? '').join(' | ')} |`;
    const [head = [], ...body] = this.#rows;
    const table = [line(head), `|${' --- |'.repeat(width)}`, ...body.map(line)].join('\n');
    return this.#caption === '' ? table : `${this.#caption}\n\n${table}`;
  }

  /** Its rows as paragraphs, for a table that only arranges a page. */
  paragraphs(): readonly string[] {
    const rows = this.#rows.map((row) => row.filter((cell) => cell !== '').join(' '));
    return [this.#caption, ...rows].filter((row) => row !== '');
  }

  #endCell(take: () => string): void {
    const text = take().replace(/ *\n+/g, '<br>').replaceAll('|', '\\|');
    if (this.#inCell) this.#row?.push(text);
    else if (text !== '') this.#caption += (this.#caption === '' ? '' : ' ') + text;
    this.#inCell = false;
  }

  #endRow(take: () => string): void {
    this.#endCell(take);
    if (this.#row?.some((cell) => cell !== '')) this.#rows.push(this.#row);
    this.#row = undefined;
  }
}
