import type MarkdownIt from 'markdown-it';
import type { Json } from '../../json.ts';
import { toMarkdown } from '../html/markdown.ts';
import { plainText } from '../html/plain-text.ts';
import { text } from './arguments.ts';
import type { LanguageFunction } from './function.ts';
import { onDemand } from './on-demand.ts';

const MAX_HTML = 10_000_000;
const MAX_MARKDOWN = 1_000_000;

// HTML in Markdown is shown as text, and addresses that run something are no links: no script survives.
const markdown = onDemand(
  'markdown-it',
  (Markdown: typeof MarkdownIt) => new Markdown({ html: false, linkify: false, typographer: false }),
);

function limited(most: number, work: (source: string) => string) {
  return ([value]: readonly Json[]): string => {
    const source = text(value);
    if (source.length > most) throw new RangeError(`the text has more than ${most} characters`);
    return work(source);
  };
}

export const MARKUP_FUNCTIONS: Readonly<Record<string, LanguageFunction>> = {
  strip_html: {
    description: 'The text of an HTML document, without its tags; each block begins a line.',
    parameters: ['html'],
    required: 1,
    examples: [
      [['<p>Tom &amp; Ann</p>'], 'Tom & Ann'],
      [
        ['Dear Ann,<br>see <b>this</b>:<ul><li>one<li>two</ul><script>x()</script>'],
        'Dear Ann,\nsee this:\none\ntwo',
      ],
    ],
    call: limited(MAX_HTML, plainText),
  },
  html_to_markdown: {
    description:
      'An HTML document as Markdown, with tables. Tables that only arrange a page become paragraphs; scripts and styles are left out.',
    parameters: ['html'],
    required: 1,
    examples: [
      [
        ['<h2>Hi</h2><p>see <a href="https://a.b/c">this</a> <b>now</b></p>'],
        '## Hi\n\nsee [this](https://a.b/c) **now**',
      ],
      [['<ul><li>one</li><li>two</li></ul>'], '- one\n- two'],
    ],
    call: limited(MAX_HTML, toMarkdown),
  },
  markdown_to_html: {
    description:
      'Markdown (CommonMark, with tables and ~~struck out~~ text) as HTML. HTML in it is shown as text, so that no script gets through.',
    parameters: ['markdown'],
    required: 1,
    examples: [
      [['see **this**'], '<p>see <strong>this</strong></p>'],
      [['<script>x()</script>'], '<p>&lt;script&gt;x()&lt;/script&gt;</p>'],
    ],
    call: limited(MAX_MARKDOWN, (source) => markdown().render(source).trim()),
  },
};
