import { readHtml } from './tokens.ts';

/** Elements that begin and end a line. */
export const BLOCKS: ReadonlySet<string> = new Set(
  'address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody tfoot thead tr ul'.split(
    ' ',
  ),
);

/** The text of an HTML document as a person reads it, without its tags: each block begins a line. */
export function plainText(html: string): string {
  const lines: string[] = [''];
  const block = (name: string) => {
    if (BLOCKS.has(name) && lines.at(-1)?.trim() !== '') lines.push('');
  };
  const add = (text: string) => {
    lines[lines.length - 1] += text;
  };
  readHtml(html, {
    open: (name) => {
      if (name === 'br') lines.push('');
      else if (name === 'td' || name === 'th') add(' ');
      else block(name);
    },
    close: block,
    text: add,
  });
  return lines
    .map((line) => line.replace(/[\s\u00a0]+/g, ' ').trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
