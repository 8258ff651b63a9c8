import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../../src/expressions/functions.ts';
import { NO_SERVICES } from '../../src/expressions/services.ts';

function call(name: string, text: string): string {
  return String(FUNCTIONS[name]?.call([text], NO_SERVICES));
}

const markdown = (html: string) => call('html_to_markdown', html);

describe('html_to_markdown', () => {
  it.each([
    ['<p>one</p><p>two</p>', 'one\n\ntwo'],
    ['<p>one<p>two', 'one\n\ntwo'],
    ['one<br>two<br/><br/>three', 'one  \ntwo\n\nthree'],
    ['<h1>Title</h1><h3>Part <em>one</em></h3>', '# Title\n\n### Part _one_'],
    ['a <b> bold </b>word', 'a **bold** word'],
    ['<b>x<b>y</b></b>', '**xy**'],
    ['<b>x<i>y</b>z</i>', '**x_y_**_z_'],
    ['<strong></strong>a', 'a'],
    ['<s>gone</s>', '~~gone~~'],
    ['use <code>a*b`c</code>', 'use ``a*b`c``'],
    ['<pre><code class="language-js">let a = 1;\n  b();\n</code></pre>', '```js\nlet a = 1;\n  b();\n```'],
    ['<pre>```</pre>', '````\n```\n````'],
    ['<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>', '- a\n  - b\n- c'],
    ['<ol start="3"><li>a<li>b</ol>', '3. a\n4. b'],
    ['<ul><li><p>a</p><p>b</p></li></ul>', '- a\n\n  b'],
    ['<blockquote><p>a</p><p>b</p></blockquote>c', '> a\n\n> b\n\nc'],
    ['<hr>', '---'],
    ['<a href="https://a.b/?c=(d)">x</a>', '[x](<https://a.b/?c=(d)>)'],
    ['<a href="javascript:alert(1)">x</a>', 'x'],
    ['<a href=" jAvAsCrIpT:alert(1)">x</a>', 'x'],
    ['<a href="/path">x</a>', '[x](/path)'],
    ['<img src="https://a.b/c.png" alt="a [b]">', '![a \\[b\\]](https://a.b/c.png)'],
    ['<img src="javascript:x" alt="a">', 'a'],
    [
      '<table><tr><th>A</th><th>B</th></tr><tr><td>1|2</td><td><p>x</p><p>y</p></td></tr></table>',
      '| A | B |\n| --- | --- |\n| 1\\|2 | x y |',
    ],
    ['<table><tr><td>only</td></tr><tr><td>column</td></tr></table>', 'only\n\ncolumn'],
    [
      '<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>',
      '| a | b |\n| --- | --- |',
    ],
    ['<table><tr><td>x</td><td><ul><li>a</li></ul></td></tr></table>', 'x\n\n- a'],
    ['5 * 3 # not - a list', '5 \\* 3 # not - a list'],
    [
      '<p># no title</p><p>- no list</p><p>1. no list</p><p>&gt; no quote</p>',
      '\\# no title\n\n\\- no list\n\n1\\. no list\n\n\\> no quote',
    ],
    ['snake_case_name and _edge_', 'snake_case_name and \\_edge\\_'],
    ['&lt;script&gt; &amp;amp; &nbsp;x', '\\<script> \\&amp; x'],
    ['<script>alert(1)</script><style>p{}</style><title>t</title>a<!-- b -->', 'a'],
    ['<scr<script>ipt>alert(1)</script>', 'ipt>alert(1)'],
    ['', ''],
  ])('%j is %j', (html, result) => {
    expect(markdown(html)).toBe(result);
  });

  const words = fc.array(
    fc.constantFrom(
      'a',
      'b*',
      '_c_',
      '`d`',
      '[e](f)',
      '<',
      '&amp;',
      '#',
      '1.',
      '-',
      '|',
      '~~x~~',
      '\\',
      '!',
      '>',
    ),
    { minLength: 1, maxLength: 6 },
  );

  it('keeps the words of a text as they are, whatever they would mean in Markdown', () => {
    const render = new MarkdownIt();
    const escaped = (text: string) =>
      text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    fc.assert(
      fc.property(words, (parts) => {
        const text = parts.join(' ');
        const html = render.render(markdown(`<p>${escaped(text)}</p>`));
        expect(call('strip_html', html)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('strip_html', () => {
  it.each([
    ['<p>a</p><p>b</p>', 'a\nb'],
    ['a<br>b<br><br>c', 'a\nb\n\nc'],
    ['a &lt;b&gt; &eacute; &#233; &#x1F600; &unknown;', 'a <b> é é 😀 &unknown;'],
    ['<td>a</td><td>b</td>', 'a b'],
    ['a < b and c > d', 'a < b and c > d'],
    ['<p', ''],
    ['a<!-- <b> -->b', 'ab'],
    ['<script>if (a < b) x("</p>")</script>c', 'c'],
  ])('%j is %j', (html, text) => {
    expect(call('strip_html', html)).toBe(text);
  });
});

describe('markdown_to_html', () => {
  it.each([
    ['# A\n\n- b\n- c', '<h1>A</h1>\n<ul>\n<li>b</li>\n<li>c</li>\n</ul>'],
    ['| a | b |\n|-|-|\n| 1 | 2 |', expect.stringContaining('<td>1</td>')],
    ['[x](https://a.b)', '<p><a href="https://a.b">x</a></p>'],
  ])('%j is %j', (source, html) => {
    expect(call('markdown_to_html', source)).toEqual(html);
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '[x](javascript:alert(1))',
    '[x](&#106;avascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](vbscript:x)',
    '![x](data:text/html;base64,PHNjcmlwdD4=)',
    '<javascript:alert(1)>',
    '[x](https://a.b "\\"><script>alert(1)</script>")',
    '```"><script>\nx\n```',
    '[a]: javascript:alert(1)\n[a]',
  ])('lets no script through: %s', (source) => {
    const html = call('markdown_to_html', source);
    const tags = [...html.matchAll(/<\s*\/?([a-z0-9]+)([^>]*)>/gi)];
    for (const [, tag = '', attributes = ''] of tags) {
      expect(['p', 'a', 'img', 'pre', 'code']).toContain(tag);
      expect(attributes.replace(/"[^"]*"/g, '')).not.toMatch(/\bon\w+\s*=/i);
      expect(attributes).not.toMatch(/(?:href|src)="(?:javascript|vbscript|data:text)/i);
    }
  });
});

describe('a text that was made to be slow', () => {
  const of = (text: string, length = 200_000) => text.repeat(Math.ceil(length / text.length));
  const hostile: Readonly<Record<string, string>> = {
    'blocks in blocks': of('<div>'),
    'quotations in quotations': of('<blockquote>a'),
    'lists in lists': of('<ul><li>a'),
    'bold in bold': of('<b>a'),
    'every inline element, never closed': of('<b><i><s><code><a href="x">a'),
    'tags closed in the wrong order': of('<b><i>x</b></i>'),
    'tags that were never opened': of('</b></i></div></ul>'),
    'tables in tables': of('<table><tr><td>'),
    'a table of many columns': `<table><tr>${of('<td>a')}</table>`,
    'rows that are wide once': `<table><tr>${of('<td>a', 3000)}${of('<tr><td>a<td>b')}</table>`,
    'open angles': of('<'),
    'half tags': of('<a '),
    'attributes without end': `<a ${of('b="c" ')}`,
    'half entities': of('&am'),
    'half comments': of('<!--'),
    declarations: of('<![CDATA['),
    blanks: `a${of(' \n')}b`,
    'line breaks': `a${of('<br>')}b`,
    'back-ticks': `<code>${of('` ')}</code>`,
    'one run of back-ticks': `<pre>${of('`')}</pre>`,
    brackets: of('[]('),
    underscores: of('_a'),
    'numbers with points': of('1. '),
    'lines in a pre': `<pre>${of('\n')}x</pre>`,
    'headings in headings': of('<h1>a<h2>'),
    images: of('<img src="data:image/png;base64,AAAA" alt="[">'),
  };

  it.each(Object.entries(hostile))('is no slower for it: %s', (_, html) => {
    for (const name of ['html_to_markdown', 'strip_html']) {
      const start = performance.now();
      try {
        call(name, html);
      } catch (error) {
        // Rather refused than done for ever.
        expect(error).toBeInstanceOf(RangeError);
      }
      // A tenth of it is usual, even on a busy machine; what grows with the square takes minutes.
      expect(performance.now() - start).toBeLessThan(8000);
    }
  });

  it('never fails for anything but its size', () => {
    const piece = fc.constantFrom(
      '<b>',
      '</b>',
      '<ul>',
      '<li>',
      '</ul>',
      '<table>',
      '<tr>',
      '<td>',
      '</table>',
      '<pre>',
      '</pre>',
      '<a href="x">',
      '</a>',
      'text',
      ' ',
      '\n',
      '&amp;',
      '<',
      '>',
      '"',
      '<!--',
      '-->',
      '<h1>',
      '</h1>',
      '<br>',
      '<script>',
      '</script>',
      '<blockquote>',
      '`',
      '*',
      '_',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const html = pieces.join('');
        expect(typeof markdown(html)).toBe('string');
        expect(call('strip_html', html)).not.toMatch(/\n{3}/);
      }),
      { numRuns: 2000 },
    );
  });
});
