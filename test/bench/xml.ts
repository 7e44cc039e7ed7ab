/**
 * Megabytes per second of counting posts in XML against the usual parser to a DOM, @xmldom/xmldom, which has the bar,
 * and against htmlparser2 to a DOM: a feed with tests and ids, and an answer of XML-RPC, which is nearly all tags.
 */

import { DOMParser } from '@xmldom/xmldom';
import { parseDocument } from 'htmlparser2';
import { PostCount } from '../../src/count/post-count.ts';
import type { XmlEntry } from '../../src/count/route/schema.ts';
import { XmlCounter } from '../../src/count/xml/counter.ts';
import { compileXml } from '../../src/count/xml/plan.ts';
import { median } from './load.ts';
import type { Options } from './proxies.ts';
import type { Row } from './report.ts';

const bar = { kind: 'at least', ratio: 1 } as const;
/** As a body comes from a socket. */
const chunkBytes = 16_384;
/** Rounds until the compiler has done its best. */
const warmUps = 2;

const feedEntries: XmlEntry[] = [
  { feed: 'entry', where: 'link contains "#comment-"', kind: 'reply' },
  { feed: 'entry', id: 'guid | id', kind: 'post' },
];
const callEntries: XmlEntry[] = [
  {
    xml: '/methodResponse/params/param/value/array/data/value',
    where: 'struct/member/name == "postid"',
    kind: 'post',
  },
];

const documents = [
  { label: 'feed, 20 posts, 47 KB', text: feedText(20), tag: 'item', posts: 20, entries: feedEntries },
  { label: 'XML-RPC, 50 posts, 43 KB', text: callText(50), tag: 'struct', posts: 50, entries: callEntries },
];

export async function benchXml({ rounds }: Options): Promise<Row[]> {
  return documents.flatMap(({ label, text, tag, posts, entries }) => {
    const body = Buffer.from(text);
    const works = [
      countOf(body, entries),
      () => new DOMParser().parseFromString(body.toString(), 'text/xml').getElementsByTagName(tag).length,
      () => parseDocument(body.toString(), { xmlMode: true }).childNodes.length && posts,
    ];
    for (const work of works)
      if (work() !== posts) throw new Error(`${work()} of ${posts} posts were counted.`);
    const speeds = works.map((): number[] => []);
    for (let round = -warmUps; round < rounds; round++) {
      for (const [index, work] of works.entries()) {
        const megabytes = speed(work, body.length);
        if (round >= 0) speeds[index]!.push(megabytes);
      }
    }
    const [counted, parsed, treed] = speeds.map(median) as [number, number, number];
    const row = { measured: `xml, ${label}`, figure: `${counted.toFixed(0)} MB/s` };
    return [
      { ...row, against: `@xmldom/xmldom, ${parsed.toFixed(0)} MB/s`, ratio: counted / parsed, bar },
      { ...row, against: `htmlparser2 to a DOM, ${treed.toFixed(0)} MB/s`, ratio: counted / treed },
    ];
  });
}

function countOf(body: Buffer, entries: readonly XmlEntry[]): () => number {
  const compiled = compileXml(entries);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const { plan } = compiled;
  const selectors = entries.map(({ kind }, index) => ({ text: `${index}`, kind, counts: true }));
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += chunkBytes) chunks.push(body.subarray(at, at + chunkBytes));
  return () => {
    const found = new PostCount(selectors, true);
    const counter = new XmlCounter(plan, found);
    for (const chunk of chunks) counter.write(chunk);
    counter.end();
    return counter.failure === undefined ? found.posts : Number.NaN;
  };
}

/** A feed as a weblog sends it: each post with a summary and its whole text. */
function feedText(posts: number): string {
  const words = 'Words that say what happened, with <em>some</em> weight &amp; a <a href="/x">link</a>. ';
  const items = Array.from(
    { length: posts },
    (_, i) => `<item>
  <title>Post number ${i} – a title</title>
  <link>https://blog.example/2026/03/post-${i}/</link>
  <dc:creator><![CDATA[alice]]></dc:creator>
  <pubDate>Sun, 01 Mar 2026 10:00:00 +0000</pubDate>
  <category><![CDATA[News]]></category>
  <guid isPermaLink="false">https://blog.example/?p=${i}</guid>
  <description><![CDATA[${words.repeat(3)}]]></description>
  <content:encoded><![CDATA[${`<p>${words.repeat(4)}</p>\n`.repeat(4)}]]></content:encoded>
  <slash:comments>0</slash:comments>
</item>`,
  ).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel><title>A weblog</title><link>https://blog.example/</link>
${items}</channel></rss>`;
}

function callText(posts: number): string {
  const member = (name: string, value: string) =>
    `<member><name>${name}</name><value><string>${value}</string></value></member>\n`;
  const post = (i: number) =>
    `<value><struct>${[
      member('postid', `${i}`),
      member('title', `Post number ${i}`),
      ...Array.from({ length: 9 }, (_, at) => member(`custom_field_${at}`, 'a value')),
    ].join('')}</struct></value>`;
  const values = Array.from({ length: posts }, (_, i) => post(i)).join('');
  return `<?xml version="1.0"?><methodResponse><params><param><value><array><data>${values}</data></array></value></param></params></methodResponse>`;
}

/** Over a fifth of a second of CPU time, which stands still when the machine does not. */
function speed(work: () => number, bytes: number): number {
  const begin = process.cpuUsage();
  for (let done = 0; ; ) {
    for (let run = 0; run < 5; run++) work();
    done += 5 * bytes;
    const { user, system } = process.cpuUsage(begin);
    if (user + system >= 200_000) return done / (user + system);
  }
}
