import { describe, expect, it } from 'vitest';
import { bytesOf, countText, countXml, feed, hashOf, xml } from './counting.ts';

const ATOM = 'http://www.w3.org/2005/Atom';
const rss = (inside: string): string => `<rss version="2.0"><channel>${inside}</channel></rss>`;

describe('what is a feed', () => {
  it.each([
    ['RSS 2.0', rss('<item/><item><title>a</title></item>'), 2],
    [
      'RSS 0.91',
      '<!DOCTYPE rss SYSTEM "a.dtd"><rss version="0.91"><channel><item></item></channel></rss>',
      1,
    ],
    [
      'RSS 0.90',
      '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel/><item/><image/><item/></rdf:RDF>',
      2,
    ],
    ['Atom', `<feed xmlns="${ATOM}"><entry/><entry><source><entry/></source></entry></feed>`, 2],
    [
      'Atom with a prefix',
      `<atom:feed xmlns:atom="${ATOM}"><atom:entry/><entry xmlns="urn:x"/></atom:feed>`,
      1,
    ],
    ['an entry alone', `<entry xmlns="${ATOM}"><id>a</id></entry>`, 1],
    ['an item in an item', rss('<item><item/></item>'), 1],
    ['items beside the channel', `<rss><item/><channel><item/></channel><item/></rss>`, 3],
    ['an item elsewhere', `<rss><channel><image><item/></image></channel></rss>`, 0],
    ['items in text', rss('<item><![CDATA[</item><item>]]>&lt;item&gt;<!-- <item/> --></item>'), 1],
    ['another namespace', rss(`<a:item xmlns:a="${ATOM}"/><a:item/>`), 0],
    ['spaces before it', ` \r\n\t${rss('<item/>')}`, 1],
    ['noise after it', `${rss('<item/>')}\n<b>Warning</b>: a < b & c </i> <![CDATA[x]]> NULL`, 1],
    ['spaces and comments after it', `${rss('<item/>')}\n<!-- cached --> <?a b?>`, 1],
  ])('%s', (_, text, posts) => {
    const { failure, found } = countText([feed()], text);
    expect({ failure, posts: found.length }).toEqual({ failure: undefined, posts });
  });
});

describe('a body that cannot be counted has a reason', () => {
  it.each([
    ['nothing', '', 'not_xml'],
    ['JSON', '{"items":[]}', 'not_xml'],
    ['a text before it', `Warning: <b>x</b>${rss('')}`, 'not_xml'],
    ['an end before a begin', '</rss>', 'not_xml'],
    ['a declaration alone', '<?xml version="1.0"?>', 'not_xml'],
    ['a document type without end', '<!DOCTYPE rss [<rss><channel><item/></channel></rss>', 'not_xml'],
    ['two roots', rss('<item/>') + rss('<item/>'), 'not_xml'],
    ['another root behind noise', `${rss('<item/>')}<br><feed/>`, 'not_xml'],
    ['HTML', '<!DOCTYPE html><html><item/></html>', 'shape'],
    ['a sitemap', '<urlset><url><loc>a</loc></url></urlset>', 'shape'],
    ['a body that is cut', '<rss><channel><item></item>', 'truncated'],
    ['a body that is cut in its last tag', rss('<item></item>').slice(0, -1), 'truncated'],
  ])('%s', (_, text, failure) => {
    expect(countText([feed()], text).failure).toBe(failure);
    expect(countXml([feed()], bytesOf(new TextEncoder().encode(text))).failure).toBe(failure);
  });

  it('more stray end tags than anybody writes', () => {
    expect(countText([feed()], rss('</b>'.repeat(1000))).failure).toBeUndefined();
    expect(countText([feed()], rss('</b>'.repeat(1001))).failure).toBe('not_xml');
  });
});

describe('the kind', () => {
  const comments = [feed('link contains "#comment-"'), feed('thr:in-reply-to is present'), feed()];

  it('is decided by the first matching selector', () => {
    const text = rss(`
      <item><link>https://a.example/1#comment-2</link></item>
      <item><link>https://a.example/1</link></item>
      <item><r:in-reply-to xmlns:r="http://purl.org/syndication/thread/1.0" ref="a"/></item>
      <item><atom:link xmlns:atom="${ATOM}">https://a.example/1#comment-3</atom:link></item>`);
    expect(countText(comments, text).found).toEqual([0, 2, 1, 2]);
  });

  it.each([
    ['category@term == "note"', '<category term="a"/><category term="note"/>', true],
    ['category@term != "note"', '<category term="a"/><category term="note"/>', false],
    ['category@term != "note"', '', false],
    ['category@term is absent', '<category/>', true],
    ['link@href contains "&b="', '<link href="?a=1&amp;b=2"/>', true],
    ['title == "a < b"', '<title> a &lt; <![CDATA[b]]>\n</title>', true],
    ['title == "&b;"', '<title>&b;</title>', true],
    ['number in [1, 2]', '<number>2</number>', true],
    ['number == true', '<number>true</number>', true],
    ['title != null', '<title/>', true],
    ['title == null', '<title/>', false],
    ['title contains "end"', `<title>begin ${'long '.repeat(1000)} end</title>`, false],
    ['title contains "begin"', `<title>begin ${'long '.repeat(1000)} end</title>`, true],
    ['author/name == "alice"', '<author><name>bob</name></author><author><name>alice</name></author>', true],
    ['author/name == "alice"', '<name>alice</name>', false],
    ['author == "alice"', '<author><b>al</b>ice</author>', true],
    ['my.name == "a"', '<my.name>a</my.name>', true],
    ['other:link == "a"', '<other:link>a</other:link>', true],
    ['@kind == "a"', '', true],
  ])('%s, case %#', (where, inside, passes) => {
    const { found } = countText([feed(where)], rss(`<item kind="a">${inside}</item><item kind="b"></item>`));
    expect(found.length > 0).toBe(passes || where.endsWith('absent'));
    if (where.endsWith('absent')) expect(found).toHaveLength(2);
  });
});

describe('ids', () => {
  it.each([
    ['guid', '<guid> a </guid><guid>b</guid>', 'a'],
    ['guid | link', '<link>l</link><guid>g</guid>', 'g'],
    ['guid | link', '<link>l</link><guid/>', 'l'],
    ['link@href', '<link rel="x"/><link href="h"/><link href="i"/>', 'h'],
    ['@rdf:about', '', 'about'],
    ['guid', '<guid>é😀&#233;</guid>', 'é😀é'],
    ['guid', `<guid>${'x'.repeat(4096)}</guid>`, 'x'.repeat(4096)],
    ['guid', `<guid>${'x'.repeat(4097)}</guid>`, undefined],
    ['guid', `<guid><![CDATA[${'x'.repeat(9000)}]]></guid>`, undefined],
    ['link@href', `<link href="${'x'.repeat(4097)}"/>`, undefined],
    ['guid', '<a:guid xmlns:a="urn:a">a</a:guid>', undefined],
  ])('%s, case %#', (id, inside, expected) => {
    const text = rss(
      `<item xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about="about">${inside}</item>`,
    );
    const ids = expected === undefined ? [] : [hashOf(expected)];
    expect(countText([feed(undefined, id)], text).ids).toEqual(ids);
    expect(countXml([feed(undefined, id)], bytesOf(new TextEncoder().encode(text))).ids).toEqual(ids);
  });

  it('belong to the item that contains them', () => {
    const text = rss('<item><guid>a</guid></item><item/><item><guid>b</guid></item>');
    expect(countText([feed(undefined, 'guid')], text).ids).toEqual([hashOf('a'), hashOf('b')]);
  });
});

describe('other XML', () => {
  const list = '/methodResponse/params/param/value/array/data/value';
  const call = (...structs: string[]): string =>
    `<methodResponse><params><param><value><array><data>${structs.map((s) => `<value><struct>${s}</struct></value>`).join('')}</data></array></value></param></params></methodResponse>`;
  const member = (name: string): string =>
    `<member><name>${name}</name><value><string>1</string></value></member>`;

  it('posts and comments of XML-RPC are distinguished by the names of their members', () => {
    const entries = [
      xml(list, 'struct/member/name == "comment_id"'),
      xml(list, 'struct/member/name in ["post_id", "postid"]'),
    ];
    const text = call(
      member('title') + member('postid'),
      member('post_id') + member('comment_id'),
      member('term_id'),
    );
    expect(countText(entries, text)).toEqual({ failure: undefined, found: [1, 0], ids: [] });
  });

  it('items may contain items', () => {
    const entries = [xml('/a/b/c', '@x == "1"', '@x'), xml('/a/b', 'd == "1"', 'd')];
    const text = '<a><b><c x="1"/><d>1</d><c x="2"/></b><b><d>2</d><c x="1"/></b></a>';
    expect(countText(entries, text)).toMatchObject({ found: [0, 1, 0], ids: ['1', '1', '1'].map(hashOf) });
  });

  it('an item counts once, by the first selector, however many of them name it', () => {
    const entries = [xml('/a/atom:b'), xml('/a/b')];
    expect(countText(entries, `<a xmlns="${ATOM}"><b/></a>`).found).toEqual([0]);
  });

  it('deep elements are passed over', () => {
    const deep = (tags: number): string => `<a>${'<x>'.repeat(tags)}<b/>${'</x>'.repeat(tags)}<b/></a>`;
    for (const tags of [254, 255, 256, 5000])
      expect(countText([xml('/a/b')], deep(tags))).toMatchObject({ failure: undefined, found: [0] });
  });
});

describe('broken XML', () => {
  it.each([
    ['an item that is not ended', '<item><title>a</item></channel>', 1],
    ['an item that ends with its channel', '<item><title>a</title></channel>', 0],
    ['an item that ends twice', '<item></item></item></channel>', 1],
  ])('%s counts once or not at all', (_, inside, posts) => {
    const { failure, found } = countText([feed()], `<rss><channel>${inside}</rss>`);
    expect({ failure, posts: found.length }).toEqual({ failure: undefined, posts });
  });

  it('an item counts when the bracket of its end tag has come', () => {
    const text = '<rss><channel><item></item  >';
    expect(countXml([feed()], [new TextEncoder().encode(text.slice(0, -2))], true).found).toEqual([]);
    expect(countXml([feed()], [new TextEncoder().encode(`${text} `)], true).found).toEqual([0]);
  });
});

describe('a document type', () => {
  it('declares what is never expanded', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join(
      '',
    );
    const bomb = `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "<item></item>">${levels}]>`;
    const text = bomb + rss('<item><guid>&l9;</guid></item>');
    expect(countText([feed(undefined, 'guid')], text)).toEqual({
      failure: undefined,
      found: [0],
      ids: [hashOf('&l9;')],
    });
  });
});

describe('encodings', () => {
  const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const item = rss('<item><guid>é</guid></item>');

  it.each([
    ['ISO-8859-1', latin1(`<?xml version='1.0' encoding='ISO-8859-1'?>${item}`)],
    ['windows-1252 after a space', latin1(`\n<?xml version="1.0" encoding = "windows-1252"?>${item}`)],
    [
      'UTF-16 that is said and is not so',
      new TextEncoder().encode(`<?xml version="1.0" encoding="utf-16"?>${item}`),
    ],
  ])('%s', (_, body) => {
    for (const chunks of [[body], bytesOf(body)])
      expect(countXml([feed(undefined, 'guid')], chunks)).toEqual({
        failure: undefined,
        found: [0],
        ids: [hashOf('é')],
      });
  });

  it.each([
    ['an unknown one', latin1(`<?xml version="1.0" encoding="UTF-7"?>${item}`)],
    ['UTF-32', Uint8Array.from([0, 0, 0, 0x3c, 0, 0, 0, 0x72])],
    ['UTF-32 with its mark', Uint8Array.from([0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0])],
    ['EBCDIC', Uint8Array.from([0x4c, 0x6f, 0xa7, 0x94])],
  ])('%s cannot be read', (_, body) => {
    for (const chunks of [[body], bytesOf(body)]) expect(countXml([feed()], chunks).failure).toBe('encoding');
  });
});
