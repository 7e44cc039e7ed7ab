import { describe, expect, it } from 'vitest';
import { BoundedBody } from '../../../src/count/bounded-body.ts';
import { FeedCounter } from '../../../src/count/feed/counter.ts';
import { compileFeed } from '../../../src/count/feed/plan.ts';
import { PostCount } from '../../../src/count/post-count.ts';
import type { FeedEntry } from '../../../src/count/route/schema.ts';
import { planned } from '../planned.ts';

const ENTRY: FeedEntry = { feed: 'entry', kind: 'post', id: 'guid|id' };

function run(
  entries: readonly FeedEntry[],
  isOptional: boolean,
  pieces: readonly Uint8Array[],
  isWhole = true,
) {
  const compiled = planned((problems) => compileFeed(entries, isOptional, problems));
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const found = new PostCount(
    entries.map(({ kind }) => ({ text: '', kind, counts: kind !== 'none' })),
    false,
  );
  const body = new BoundedBody(new FeedCounter(compiled.plan, found), found, Number.POSITIVE_INFINITY, false);
  for (const piece of pieces) body.write(Uint8Array.from(piece));
  const { posts, uncounted } = body.result(isWhole);
  return uncounted ?? posts;
}

/** In one piece and byte by byte, which must be the same. */
function count(entries: readonly FeedEntry[], isOptional: boolean, text: string | Buffer, isWhole = true) {
  const bytes = Buffer.from(text);
  const whole = run(entries, isOptional, [bytes], isWhole);
  const singly = [...bytes].map((byte) => Uint8Array.of(byte));
  expect(run(entries, isOptional, singly, isWhole)).toBe(whole);
  return whole;
}

const VERSION = '"version":"https://jsonfeed.org/version/1.1"';
const ITEMS = '"items":[{"id":"1","attachments":[{"url":"a"}]},{"id":"2"}]';
const RSS = '<rss version="2.0"><channel><item><guid>1</guid></item></channel></rss>';
const RDF_HEAD = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"';

describe('a feed by its root element or version member', () => {
  it.each<[string, string, number]>([
    ['RSS 2.0', `<?xml version="1.0"?>\n${RSS}`, 1],
    ['items beside the channel', '<rss><channel/><item/><item/></rss>', 2],
    ['RSS 1.0', `<rdf:RDF ${RDF_HEAD}><channel/><item/><item/></rdf:RDF>`, 2],
    ['Atom', '<feed xmlns="http://www.w3.org/2005/Atom"><entry/><entry/></feed>', 2],
    ['a byte order mark and spaces', `\ufeff\n ${RSS}`, 1],
    ['JSON Feed', `{${VERSION},"title":"a",${ITEMS}}`, 2],
    ['JSON Feed that says its version last', `{"home_page_url":"a",${ITEMS},${VERSION}}`, 2],
    [
      'JSON Feed with escaped slashes',
      `\n{ "version" : "https:\\/\\/jsonfeed.org\\/version\\/1", ${ITEMS}}`,
      2,
    ],
    ['a JSON Feed without items', `{${VERSION},"items":[]}`, 0],
  ])('%s', (_, text, posts) => {
    expect(count([ENTRY], true, text)).toBe(posts);
    expect(count([ENTRY], false, text)).toBe(posts);
  });

  it.each<[string, string | Buffer, string]>([
    ['a page', `<!doctype html><html><body>${RSS}</body></html>`, 'shape'],
    ['a sitemap', '<?xml version="1.0"?><urlset><url><loc>a</loc></url></urlset>', 'shape'],
    ['an index of sitemaps', '<sitemapindex><sitemap/></sitemapindex>', 'shape'],
    ['OPML', '<opml version="2.0"><body><outline/></body></opml>', 'shape'],
    ['other JSON', `{${ITEMS}}`, 'shape'],
    ['JSON of another version', `{"version":"2",${ITEMS}}`, 'shape'],
    ['text', 'hello', 'not_xml'],
    ['an image', Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]), 'not_xml'],
    ['nothing', '', 'not_xml'],
  ])('%s is not a feed', (_, text, uncounted) => {
    expect(count([ENTRY], true, text)).toBe(0);
    expect(count([ENTRY], false, text)).toBe(uncounted);
  });

  it('that aborts is uncounted, whether or not the route holds for other bodies', () => {
    for (const isOptional of [true, false]) {
      expect(count([ENTRY], isOptional, '<rss><channel><item/><item>')).toBe('truncated');
      expect(count([ENTRY], isOptional, `{${VERSION},${ITEMS}`)).toBe('truncated');
    }
  });

  it('counts what was delivered of it when the client leaves', () => {
    expect(count([ENTRY], true, '<rss><channel><item/><item>', false)).toBe(1);
    expect(count([ENTRY], true, `{${VERSION},${ITEMS}`, false)).toBe(2);
    expect(count([ENTRY], true, `{${ITEMS}`, false)).toBe(0);
  });

  it('stops reading when it is known not to be one', () => {
    const compiled = planned((problems) => compileFeed([ENTRY], true, problems));
    if (!compiled.ok) throw new Error('valid');
    const found = new PostCount([{ text: '', kind: 'post', counts: true }], false);
    const body = new BoundedBody(
      new FeedCounter(compiled.plan, found),
      found,
      Number.POSITIVE_INFINITY,
      false,
    );
    expect(body.write(Buffer.from('<!doctype html>'))).toBe(true);
    expect(body.write(Buffer.from('<html>'))).toBe(false);
  });

  const WARNING =
    '<br />\n<b>Warning</b>:  Undefined array key [0] in <b>/a.php</b> on line <b>3</b><br />\n';

  it.each<[string, string]>([
    ['a warning of PHP', WARNING],
    ['a warning as text', '\nWarning: Undefined array key "a" in /a.php on line 3\n'],
    ['a word', 'NULL'],
    ['a byte order mark behind a blank line', '\n\ufeff\ufeff\n'],
    ['a comment and text', '<!-- debug: <rss> -->\n0'],
    ['a stylesheet and a script', '<style>a > b {}</style><script>var a = "<rss>";</script>'],
    ['64 KB of it', `${'x'.repeat(65_000)}\n`],
  ])('is found behind noise: %s', (_, noise) => {
    const declared = `<?xml version="1.0" encoding="UTF-8"?>\n${RSS}`;
    for (const isOptional of [true, false]) {
      for (const feed of [RSS, declared, `{${VERSION},"items":[{"id":"1"}]}`]) {
        expect(count([ENTRY], isOptional, noise + feed)).toBe(1);
        expect(count([ENTRY], isOptional, `${noise}${feed}\n<!-- cached --> ${WARNING} 0`)).toBe(1);
      }
    }
  });

  it('keeps the entries of a feed behind noise that was cut', () => {
    expect(count([ENTRY], true, `${WARNING}<rss><channel><item/><item>`, false)).toBe(1);
  });

  it('has the items and attachments of JSON', () => {
    const item: FeedEntry = { feed: 'item', kind: 'post' };
    const attachment: FeedEntry = { feed: 'attachment', kind: 'post' };
    expect(count([item], true, `{${VERSION},${ITEMS}}`)).toBe(2);
    expect(count([item, attachment], true, `{${VERSION},${ITEMS}}`)).toBe(3);
    expect(count([item], true, RSS)).toBe(0);
  });

  it('a test names an element, and applies only to XML', () => {
    const replies: FeedEntry = { feed: 'entry', where: 'guid == "1"', kind: 'none' };
    expect(count([replies, ENTRY], true, RSS)).toBe(0);
    expect(count([replies, ENTRY], true, `{${VERSION},${ITEMS}}`)).toBe(2);
  });
});
