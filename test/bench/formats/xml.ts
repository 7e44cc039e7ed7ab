/**
 * XML compared with @xmldom/xmldom and htmlparser2, each with a DOM: a feed with tests and ids, and an XML-RPC
 * answer, which consists mostly of tags.
 */

import { DOMParser } from '@xmldom/xmldom';
import { DomUtils, parseDocument } from 'htmlparser2';
import { chunksOf, countWith, type FormatCase, ruleOf } from './case.ts';

export function xmlCases(): FormatCase[] {
  return [
    caseOf('feed', 20, feedText(20), 'item', [
      { feed: 'entry', where: 'link contains "#comment-"', kind: 'reply' },
      { feed: 'entry', id: 'guid | id' },
    ]),
    caseOf('xml', 50, callText(50), 'struct', [
      {
        xml: '/methodResponse/params/param/value/array/data/value',
        where: 'struct/member/name == "postid"',
      },
    ]),
  ];
}

function caseOf(
  format: 'feed' | 'xml',
  posts: number,
  text: string,
  tag: string,
  entries: readonly object[],
): FormatCase {
  const rule = ruleOf({ format, posts: entries });
  const body = Buffer.from(text);
  const chunks = chunksOf(body);
  return {
    label: format === 'feed' ? 'feed' : 'xml, XML-RPC',
    bytes: body.length,
    posts,
    count: () => countWith(rule, chunks),
    usual: [
      {
        name: '@xmldom/xmldom',
        posts: () =>
          new DOMParser().parseFromString(body.toString(), 'text/xml').getElementsByTagName(tag).length,
      },
      {
        name: 'htmlparser2 to a DOM',
        posts: () =>
          DomUtils.getElementsByTagName(tag, parseDocument(body.toString(), { xmlMode: true }), true).length,
      },
    ],
  };
}

/** A feed of a weblog: each post has a summary and its whole text. */
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
