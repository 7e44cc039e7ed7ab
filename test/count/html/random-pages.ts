/** Pages and selectors made at random, in which a stream and a tree must agree. */

import fc from 'fast-check';

/**
 * Left out is what tree construction makes up or moves: content in tables outside of cells, tables without `tbody`,
 * formatting elements across paragraphs, anchors in anchors and buttons in buttons, `</p>` without its beginning;
 * and what is left to scripts: `noscript`, `template`.
 */
interface Node {
  readonly name: string;
  readonly attributes: string;
  readonly children: readonly Node[];
  readonly text: string;
  /** Whether an optional end tag is present. */
  readonly closes: boolean;
}

const MAY_STAY_OPEN = new Set(['p', 'li', 'dd', 'dt', 'option', 'tr', 'td', 'th', 'tbody']);
const VOID = new Set(['br', 'img', 'hr', 'input']);
const SVG = new Set(['svg', 'g', 'path', 'title']);
const LANGS = ['en', 'en-GB', 'EN', ''];
/** None that a selector finds by its letters without case: cheerio does so in SVG, where the standard does not. */
const SVG_LANGS = ['en', 'en-GB', ''];
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
/** The allowed contents of an element. Phrasing content by default. */
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

const attributesArb = (ids: readonly string[], langs: readonly string[]) =>
  fc
    .record(
      {
        class: fc
          .array(fc.constantFrom('a', 'b', 'post', 'post-1', 'A', 'ab'), { minLength: 1, maxLength: 3 })
          .map((words) => words.join(' ')),
        id: fc.constantFrom(...ids),
        lang: fc.constantFrom(...langs),
      },
      { requiredKeys: [] },
    )
    .map((values) =>
      Object.entries(values)
        .map(([name, value]) => ` ${name}="${value}"`)
        .join(''),
    );
const textArb = fc.constantFrom('', 'x', ' ', 'a &lt; b', '<!-- <p class=a> -->', '\u00e9\u{1f600}', '1 < 2');

/** What pages may hold. */
interface Manner {
  readonly ids: readonly string[];
  readonly leavesOut: readonly string[];
  /** Whether an element has the end tag that it may go without. */
  readonly closes: fc.Arbitrary<boolean>;
}

function nodeArb(names: readonly string[], depth: number, manner: Manner): fc.Arbitrary<Node> {
  return fc.constantFrom(...names).chain((name) => {
    const inner = (CONTENT[name] ?? PHRASES).filter((child) => !manner.leavesOut.includes(child));
    const children =
      depth === 0 || inner.length === 0
        ? fc.constant<readonly Node[]>([])
        : fc.array(nodeArb(inner, depth - 1, manner), { maxLength: 4 });
    return fc.record({
      name: fc.constant(name),
      attributes: attributesArb(manner.ids, SVG.has(name) ? SVG_LANGS : LANGS),
      children,
      text: textArb,
      closes: manner.closes,
    });
  });
}

function written({ name, attributes, children, text, closes }: Node, isLast: boolean): string {
  const start = `<${name}${attributes}>`;
  if (VOID.has(name)) return start;
  if (name === 'path') return `<path${attributes}/>`;
  const isList = ['ul', 'ol', 'dl', 'table', 'tbody', 'tr', 'select', 'svg', 'g'].includes(name);
  const content = children.map((child, index) => written(child, index === children.length - 1)).join('');
  // A paragraph ends without an end tag only before blocks.
  const staysOpen = MAY_STAY_OPEN.has(name) && !closes && (name !== 'p' || isLast);
  return `${start}${isList ? '' : text}${content}${staysOpen ? '' : `</${name}>`}`;
}

function pagesArb(manner: Manner): fc.Arbitrary<string> {
  return fc
    .array(nodeArb(BLOCKS, 5, manner), { minLength: 1, maxLength: 5 })
    .map((nodes) => nodes.map((node) => written(node, false)).join('\n'))
    .map((content) => `<!DOCTYPE html><html><head><title>x</title></head><body>${content}</body></html>`);
}

/** Pages that leave out end tags as the standard allows, with character references in attributes. */
export const pageArb = pagesArb({ ids: ['a', 'b', 'x&amp;y'], leavesOut: [], closes: fc.boolean() });

/** Pages with all end tags, attributes that need no decoding, and no titles, which HTMLRewriter loses in SVG. */
export const soundPageArb = pagesArb({
  ids: ['a', 'b', 'x-y'],
  leavesOut: ['title'],
  closes: fc.constant(true),
});

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
/** Lists of selectors, of all that a stream can follow. */
export const selectorArb = fc
  .array(
    fc
      .tuple(compoundArb, fc.array(fc.tuple(fc.constantFrom(' ', ' > '), compoundArb), { maxLength: 2 }))
      .map(([first, rest]) => first + rest.map(([combinator, compound]) => combinator + compound).join('')),
    { minLength: 1, maxLength: 3 },
  )
  .map((selectors) => selectors.join(', '));
