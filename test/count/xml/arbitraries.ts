/** Random feeds, with everything that looks like an item and is not. */

import fc from 'fast-check';
import type { XmlEntry } from '../../../src/count/route/schema.ts';
import { feed } from './counting.ts';
import { attributesOf, type SlowSelector, textsOf } from './slow-count.ts';

/** A dialect: its root, its item, and the names of link and id in it. */
interface Dialect {
  readonly open: string;
  readonly close: string;
  readonly item: string;
  readonly prefix: string;
}

const ATOM = 'http://www.w3.org/2005/Atom';
const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const THR = 'xmlns:thr="http://purl.org/syndication/thread/1.0"';

const DIALECTS: readonly Dialect[] = [
  {
    open: `<rss version="2.0" ${THR} xmlns:atom='${ATOM}'><channel>`,
    close: '</channel></rss>',
    item: 'item',
    prefix: '',
  },
  {
    open: `<rss version="0.91" ${THR}\n>\n<channel><title>a</title>`,
    close: '</channel\t></rss \n>',
    item: 'item',
    prefix: '',
  },
  {
    open: `<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="${RDF}" ${THR}><channel><items><rdf:Seq><rdf:li rdf:resource="a"/></rdf:Seq></items></channel>`,
    close: '</rdf:RDF>',
    item: 'item',
    prefix: '',
  },
  {
    open: `<r:RDF xmlns:s="http://purl.org/rss/1.0/" xmlns:r="${RDF}" ${THR}>`,
    close: '</r:RDF>',
    item: 's:item',
    prefix: 's:',
  },
  { open: `<feed xmlns="${ATOM}" ${THR}>`, close: '</feed>', item: 'entry', prefix: '' },
  { open: `<a:feed ${THR} xmlns:a="${ATOM}">`, close: '</a:feed>', item: 'a:entry', prefix: 'a:' },
  { open: `<urlset ${THR}><item/>`, close: '</urlset>', item: 'item', prefix: '' },
];

const LINKS = ['https://example.org/1', 'https://example.org/1#comment-2', '', 'é€😀 & more'];
const long = 'long '.repeat(900);

function escaped(text: string): string {
  return text.replace(/[&<]/g, (mark) => (mark === '&' ? '&amp;' : '&#x3c;')).replaceAll('😀', '&#128512;');
}

const text = fc.oneof(
  fc.constantFrom(...LINKS, 'a ]] > b', 'x > y', '\n <item> \t', long).map(escaped),
  fc
    .constantFrom(...LINKS, '<item>t</item>', ']]', '<entry/>', `${long}<item>`)
    .map((t) => `<![CDATA[${t}]]>`),
  fc.constantFrom(
    '<!-- <item></item> -->',
    '<!---->',
    '<?x item="1"?>',
    '&lt;item&gt;',
    '&unknown;'.replace('unknown', 'apos'),
  ),
);
const texts = fc.array(text, { maxLength: 3 }).map((pieces) => pieces.join(''));

/** `P` is replaced by the dialect's prefix. */
const child = fc.oneof(
  fc.tuple(fc.constantFrom('link', 'guid', 'id', 'title', 'thr:in-reply-to'), texts).map(([name, inside]) => {
    const full = name.includes(':') ? name : `P${name}`;
    return `<${full}>${inside}</${full} >`;
  }),
  fc
    .tuple(fc.constantFrom('link', 'category'), fc.constantFrom(...LINKS, "a'>b", '  post '))
    .map(([name, value]) => `<P${name} rel = "x"  href\n=\t"${escaped(value)}"/>`),
  texts.map((inside) => `<other:link xmlns:other="urn:other">${inside}</other:link>`),
  fc.constantFrom(
    '<Psource><Pentry><Pid>inner</Pid></Pentry></Psource>',
    '<Pitem>nested</Pitem>',
    '<Pentry/>',
  ),
  texts,
);

const item = fc
  .tuple(fc.array(child, { maxLength: 5 }), fc.boolean())
  .map(([children, isEmpty]) =>
    isEmpty && children.length === 0 ? '<I/>' : `<I>${children.join('\n')}</I>`,
  );

const besides = fc.constantFrom(
  '',
  '\n',
  '<Plink>https://example.org/</Plink>',
  '<foreign xmlns="urn:foreign"><item/><entry/></foreign>',
  '<f:item xmlns:f="urn:foreign"/>',
  '<!-- <item></item> -->',
);

const prolog = fc.constantFrom(
  '',
  '<?xml version="1.0"?>\n',
  '<?xml version="1.0" encoding="UTF-8"?><?style a="b"?><!-- <rss> -->',
  '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://example.org/rss-0.91.dtd">',
  `<!DOCTYPE x [<!ENTITY a "<item>]>"><!-- ' ]> --><?x ']>' ?><!ELEMENT x ANY>]>`,
);

export const document = fc
  .tuple(
    prolog,
    fc.constantFrom(...DIALECTS),
    fc.array(fc.tuple(item, besides), { maxLength: 6 }),
    fc.constantFrom('', '\n', '<!-- end -->'),
  )
  .map(([before, { open, close, item: name, prefix }, items, after]) => {
    const inside = items
      .flat()
      .join('')
      .replace(/<(\/?)I(?=[ />])/g, `<$1${name}`)
      .replace(/<(\/?)P(?=[a-z])/g, `<$1${prefix}`);
    return `${before}${open}${inside}${close}${after}`;
  });

/** A selector and the oracle's result for it. */
export interface Selected {
  readonly entry: XmlEntry;
  readonly slow: SlowSelector;
}

const tests: ReadonlyArray<{ where: string | undefined; passes: SlowSelector['passes'] }> = [
  { where: undefined, passes: () => true },
  { where: `link == "${LINKS[0]}"`, passes: (e) => textsOf(e, 'link').includes(LINKS[0]!) },
  {
    where: `link != "${LINKS[0]}"`,
    passes: (e) => textsOf(e, 'link').length > 0 && !textsOf(e, 'link').includes(LINKS[0]!),
  },
  {
    where: `title in ["${LINKS[3]}", "x > y"]`,
    passes: (e) => textsOf(e, 'title').some((t) => t === LINKS[3] || t === 'x > y'),
  },
  {
    where: 'link contains "#comment-"',
    passes: (e) => textsOf(e, 'link').some((t) => t.slice(0, 4096).includes('#comment-')),
  },
  { where: 'thr:in-reply-to is present', passes: (e) => textsOf(e, 'thr:in-reply-to').length > 0 },
  { where: 'guid is absent', passes: (e) => textsOf(e, 'guid').length === 0 },
  { where: 'thr:in-reply-to != null', passes: (e) => textsOf(e, 'thr:in-reply-to').length > 0 },
  { where: `link@href == "${LINKS[1]}"`, passes: (e) => attributesOf(e, 'link', 'href').includes(LINKS[1]!) },
];

const ids: ReadonlyArray<{ id: string | undefined; read: SlowSelector['id'] }> = [
  { id: undefined, read: () => undefined },
  { id: 'guid', read: (e) => known(textsOf(e, 'guid')) },
  { id: 'guid | id', read: (e) => known(textsOf(e, 'guid')) ?? known(textsOf(e, 'id')) },
  { id: 'link@href|link', read: (e) => known(attributesOf(e, 'link', 'href')) ?? known(textsOf(e, 'link')) },
];

/** All long texts of these documents are longer than what is held. */
function known(values: readonly string[]): string | undefined {
  return values.find((value) => value !== '' && !value.includes(long.slice(0, 4000)));
}

export const selectors: fc.Arbitrary<Selected[]> = fc.array(
  fc.tuple(fc.constantFrom(...tests), fc.constantFrom(...ids)).map(([{ where, passes }, { id, read }]) => ({
    entry: feed(where, id),
    slow: { passes, id: read },
  })),
  { minLength: 1, maxLength: 3 },
);
