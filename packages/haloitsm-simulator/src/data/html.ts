import type { Random } from './random.ts';
import { SENTENCES } from './words.ts';

export function paragraphs(random: Random, count: number): string {
  return Array.from({ length: count }, () => {
    const sentences = Array.from({ length: random.integer(2, 4) }, () => random.pick(SENTENCES));
    return sentences.join(' ');
  }).join('\n\n');
}

/** As mail programs write it: paragraphs with styles of their own. */
export function toHtml(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  return escaped
    .split('\n\n')
    .map((part) => `<p style="margin:0 0 8px 0">${part}</p>`)
    .join('');
}

/** The text of a piece of HTML, near enough for a plain copy beside it. */
export function toText(html: string): string {
  return html
    .replace(/<\/p>|<br\s*\/?>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .trim();
}
