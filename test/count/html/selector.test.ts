import { describe, expect, it } from 'vitest';
import { compileHtml } from '../../../src/count/html/plan.ts';
import { planned } from '../planned.ts';
import { entriesOf, itemsIn } from './pages.ts';

const page = `<main lang="en-GB" data-kind="List A">
  <ul class="list wide"><li class="item one">1</li><li class="item two" title="a &amp; b">2</li><li>3</li><li id="last">4</li></ul>
  <div><p>x</p><span>y</span><p class="item">z</p></div>
</main>`;

describe('a selector', () => {
  it.each([
    ['*', 10],
    ['li', 4],
    ['LI', 4],
    ['.item', 3],
    ['.ite', 0],
    ['li.item.two', 1],
    ['#last', 1],
    ['[title]', 1],
    ['[title="a & b"]', 1],
    ['[class="item one"]', 1],
    ['[class~=one]', 1],
    ['[class^=item]', 3],
    ['[class$=two]', 1],
    ['[class*="m o"]', 1],
    ['[lang|=en]', 1],
    ['[lang=EN-gb]', 1],
    ['[lang=EN-gb s]', 0],
    ['[data-kind="list a"]', 0],
    ['[data-kind="list a" i]', 1],
    ['li:not(.item)', 2],
    ['li:not(.one):not(#last)', 2],
    ['li:not(.one, #last)', 2],
    ['li:nth-child(2)', 1],
    ['li:nth-child(2n+1)', 2],
    ['li:nth-child(odd)', 2],
    ['li:nth-child(-n+3)', 3],
    ['li:first-child', 1],
    ['p:nth-of-type(2)', 1],
    ['p:first-of-type', 1],
    ['main .item', 3],
    ['main > .item', 0],
    ['ul > .item', 2],
    ['main > div > p', 2],
    ['main div p.item', 1],
    ['.two, div p, #last', 4],
    ['.one, li.one', 1],
    ['.caf\u00e9', 0],
  ])('%s fits %d elements', (html, items) => {
    expect(itemsIn(page, { html })).toEqual([items]);
  });

  it('fits an element below several ways to it once', () => {
    expect(itemsIn('<div><div><div><p>x</p></div></div></div>', { html: 'div div p' })).toEqual([1]);
  });

  it.each([
    ['[lang=en]', 2],
    ['[lang=EN]', 3],
    ['[lang=en i]', 3],
    ['p:not([lang=en])', 0],
    ['path:not([lang=en])', 1],
  ])('compares names of SVG elements with their case: %s', (html, items) => {
    const svg = '<svg><path lang=EN /><foreignObject><p lang=EN>x</p></foreignObject></svg>';
    expect(itemsIn(`${svg}<p lang=EN>x</p>`, { html })).toEqual([items]);
  });

  it('is compared by characters, and not by bytes', () => {
    expect(
      itemsIn('<p class="caf\u00e9">x</p><p class=&#99;af&eacute;>y</p>', { html: '.caf\u00e9' }),
    ).toEqual([2]);
  });
});

describe('a selector that no stream can follow', () => {
  it.each([
    ['a + b', 3, 'combinator "+"'],
    ['li ~ li.x', 4, 'combinator "~"'],
    ['a:hover', 2, ':hover is not supported'],
    ['li:last-child', 3, ':last-child'],
    ['li:nth-last-child(2)', 3, ':nth-last-child'],
    ['div:has(p)', 4, ':has'],
    ['div:is(.a, .b)', 4, ':is'],
    ['p::before', 2, '::before'],
    ['svg|a', 4, 'namespaces'],
    ['[a!=b]', 3, ':not([a="b"])'],
    ['li:not(.a .b)', 3, ':not() takes single elements'],
    ['li:not(:not(.a))', 3, 'inside :not()'],
    ['li:nth-child(2 of .a)', 3, 'takes a number'],
    ['> li', 1, 'missing'],
    ['li >', 4, 'missing'],
    ['li, ', 1, ''],
    ['', 1, 'empty'],
    ['li)', 3, 'not CSS'],
    ['[class=', 1, ''],
    ['[class^=""]', 1, 'matches nothing'],
    ['[class~="a b"]', 1, 'matches nothing'],
  ])('%s is refused', (html, position, reason) => {
    for (const [field, entry] of [
      ['html', { html }],
      ['not', { html: 'p', not: html }],
    ] as const) {
      const result = planned((problems) => compileHtml(entriesOf({ html: 'p' }, entry), problems));
      expect(result).toMatchObject({ ok: false, problems: [{ at: [1, field] }] });
      const message = result.ok ? '' : result.problems[0]!.message;
      expect(message).toContain(`${JSON.stringify(html)} at position ${position}: `);
      expect(message).toContain(reason);
    }
  });

  it('describes what an id may be', () => {
    const result = planned((problems) => compileHtml(entriesOf({ html: 'p', id: 'class$=post' }), problems));
    expect(result).toMatchObject({ ok: false, problems: [{ at: [0, 'id'] }] });
  });
});
