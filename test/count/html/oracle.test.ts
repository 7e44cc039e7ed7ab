import { load } from 'cheerio';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, countPage, planOf } from './pages.ts';

/**
 * Pages in which a stream and a tree must agree. Left out is what tree construction makes up or moves: content in
 * tables outside of cells, tables without `tbody`, formatting elements across paragraphs, anchors in anchors and
 * buttons in buttons, `</p>` without its beginning; and what is left to scripts: `noscript`, `template`.
 */
interface Node {
  readonly name: string;
  readonly attributes: string;
  readonly children: readonly Node[];
  readonly text: string;
  /** Whether an end tag that may be left out stands there. */
  readonly closes: boolean;
}

const MAY_STAY_OPEN = new Set(['p', 'li', 'dd', 'dt', 'option', 'tr', 'td', 'th', 'tbody']);
const VOID = new Set(['br', 'img', 'hr', 'input']);
const BLOCKS = [
  'div',
  'article',
  'section',
  'ul',
  'ol',
  'dl',
  'table',
  'p',
  'h2',
  'blockquote',
  'hr',
  'svg',
  'x-post',
];
const PHRASES = ['span', 'em', 'br', 'img', 'input', 'select', 'svg', 'script', 'textarea', 'x-post'];
/** What may stand in an element; phrases where nothing is said. */
const CONTENT: Readonly<Record<string, readonly string[]>> = {
  div: [...BLOCKS, ...PHRASES],
  article: [...BLOCKS, ...PHRASES],
  section: [...BLOCKS, ...PHRASES],
  blockquote: [...BLOCKS, ...PHRASES],
  li: [...BLOCKS, ...PHRASES],
  dd: [...BLOCKS, ...PHRASES],
  dt: [...PHRASES],
  td: [...BLOCKS, ...PHRASES],
  th: [...PHRASES],
  ul: ['li'],
  ol: ['li'],
  dl: ['dt', 'dd'],
  table: ['tbody'],
  tbody: ['tr'],
  tr: ['td', 'th'],
  select: ['option'],
  option: [],
  svg: ['g', 'path', 'title'],
  g: ['path'],
  path: [],
  title: [],
  script: [],
  textarea: [],
  br: [],
  img: [],
  hr: [],
  input: [],
};

const attributesArb = fc
  .record(
    {
      class: fc
        .array(fc.constantFrom('a', 'b', 'post', 'post-1', 'A', 'ab'), { minLength: 1, maxLength: 3 })
        .map((words) => words.join(' ')),
      id: fc.constantFrom('a', 'b', 'x&amp;y'),
      lang: fc.constantFrom('en', 'en-GB', 'EN', ''),
    },
    { requiredKeys: [] },
  )
  .map((values) =>
    Object.entries(values)
      .map(([name, value]) => ` ${name}="${value}"`)
      .join(''),
  );
const textArb = fc.constantFrom('', 'x', ' ', 'a &lt; b', '<!-- <p class=a> -->', '\u00e9\u{1f600}', '1 < 2');

function nodeArb(names: readonly string[], depth: number): fc.Arbitrary<Node> {
  return fc.constantFrom(...names).chain((name) => {
    const inner = CONTENT[name] ?? PHRASES;
    const children =
      depth === 0 || inner.length === 0
        ? fc.constant<readonly Node[]>([])
        : fc.array(nodeArb(inner, depth - 1), { maxLength: 4 });
    return fc.record({
      name: fc.constant(name),
      attributes: attributesArb,
      children,
      text: textArb,
      closes: fc.boolean(),
    });
  });
}

function written({ name, attributes, children, text, closes }: Node, isLast: boolean): string {
  const start = `<${name}${attributes}>`;
  if (VOID.has(name)) return start;
  if (name === 'path') return `<path${attributes}/>`;
  const isList = ['ul', 'ol', 'dl', 'table', 'tbody', 'tr', 'select', 'svg', 'g'].includes(name);
  const content = children.map((child, index) => written(child, index === children.length - 1)).join('');
  // A paragraph ends by itself before blocks alone.
  const staysOpen = MAY_STAY_OPEN.has(name) && !closes && (name !== 'p' || isLast);
  return `${start}${isList ? '' : text}${content}${staysOpen ? '' : `</${name}>`}`;
}

const pageArb = fc
  .array(nodeArb(BLOCKS, 5), { minLength: 1, maxLength: 5 })
  .map((nodes) => nodes.map((node) => written(node, false)).join('\n'))
  .map((content) => `<!DOCTYPE html><html><head><title>x</title></head><body>${content}</body></html>`);

const compoundArb = fc
  .tuple(
    fc.constantFrom('', 'div', 'p', 'li', 'td', 'x-post', 'span', 'option', 'path'),
    fc.array(
      fc.constantFrom(
        ...[
          '.a',
          '.post',
          '#a',
          '[lang]',
          '[lang=en]',
          '[lang="EN" s]',
          '[id="x&y"]',
          '[class~=b]',
          '[class^=post]',
        ],
        ...['[class$="1"]', '[class*="a "]', '[lang|=en]', '[class="A" i]', ':not(.a)', ':not(p, [lang])'],
        ...[':first-child', ':nth-child(2n)', ':nth-child(-n+2)', ':nth-of-type(2)', ':first-of-type'],
      ),
      { maxLength: 2 },
    ),
  )
  .map(([type, tests]) => `${type}${tests.join('')}` || '*');
const selectorArb = fc
  .array(
    fc
      .tuple(compoundArb, fc.array(fc.tuple(fc.constantFrom(' ', ' > '), compoundArb), { maxLength: 2 }))
      .map(([first, rest]) => first + rest.map(([combinator, compound]) => combinator + compound).join('')),
    { minLength: 1, maxLength: 3 },
  )
  .map((selectors) => selectors.join(', '));

/** Cuts a body at these places. */
function cutAt(body: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % body.length)), body.length].sort((a, b) => a - b);
  return ends.map((end, index) => body.subarray(ends[index - 1] ?? 0, end));
}

describe('counting in the stream of a page', () => {
  it('equals counting in its tree', () => {
    fc.assert(
      fc.property(
        pageArb,
        selectorArb,
        fc.option(selectorArb, { nil: undefined }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (page, html, not, cuts) => {
          const $ = load(page);
          const items = $(html).filter(
            (_, element) => not === undefined || $(element).closest(not).length === 0,
          );
          const plan = planOf(not === undefined ? { html } : { html, not });
          const body = bytesOf(page);
          const { items: counted } = countPage(plan, cutAt(body, cuts));
          expect({ page, html, not, items: counted[0] }).toEqual({ page, html, not, items: items.length });
        },
      ),
      { numRuns: 300 },
    );
  });
});
