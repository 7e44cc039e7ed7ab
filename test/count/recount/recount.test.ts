/** The slow parsers must give what the streaming counters give: each is the other's check. */

import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/count/count-decision.ts';
import { createCounter } from '../../../src/count/create-counter.ts';
import { BodyCopy, CrossCheck, type CrossCheckResult } from '../../../src/count/cross-check.ts';
import type { ReadableRule } from '../../../src/count/formats.ts';
import { DEFAULT_KINDS, withKinds } from '../../../src/count/kinds.ts';
import type { RouteInput } from '../../../src/count/presets/preset.ts';
import { canRecount, recount } from '../../../src/count/recount/recount.ts';
import { compileRoutes } from '../../../src/count/route/compile.ts';
import { matchRoute } from '../../../src/count/route/match.ts';
import { routeSchema } from '../../../src/count/route/schema.ts';

type Route = Omit<RouteInput, 'path'>;

function decisionFor(route: Route) {
  const kinds = withKinds(DEFAULT_KINDS, { embedded: true, media: true });
  const compiled = compileRoutes([routeSchema.parse({ path: '/x', ...route })], kinds);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const head = { declaredCount: undefined, contentType: undefined, contentEncoding: undefined };
  const decision = decide('GET', 200, head, matchRoute(compiled.routes, 'GET', '/x'));
  if (decision.kind !== 'scan') throw new Error(decision.kind);
  return decision;
}

const NO_DECODERS = {
  open(): never {
    throw new Error('nothing is encoded here');
  },
};
const LIMITS = { maxDecodedBytes: 1_000_000, wantsIds: false };

function streamed(route: Route, body: string, copy: BodyCopy | null = null): number | string {
  const counter = createCounter(
    decisionFor(route),
    NO_DECODERS,
    LIMITS,
    () => {},
    () => ({ copy }),
  );
  counter.write(new TextEncoder().encode(body));
  let answer: number | string = 'no result';
  counter.end(({ posts, uncounted }) => {
    answer = uncounted ?? posts;
  });
  return answer;
}

const rss = (...items: string[]) =>
  `<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>${items.join('')}</channel></rss>`;
const page = (body: string) =>
  `<!doctype html><html><head><title>t</title></head><body>${body}</body></html>`;

const WARNING = '<br />\n<b>Warning</b>: a [0] in <b>/a.php</b><br />\n';

const cases: ReadonlyArray<[what: string, route: Route, body: string, posts: number]> = [
  ['a list', { posts: [{ json: '$.data[*]' }] }, '{"data":[{},{},5,null]}', 2],
  ['a list of scalars', { posts: [{ json: '$.data[*]', scalars: true }] }, '{"data":[{},[],5,null]}', 3],
  ['a list in a call', { format: 'jsonp', posts: [{ json: '$.data[*]' }] }, 'cb({"data":[{},{}]});', 2],
  [
    'a list behind noise',
    { posts: [{ json: '$.data[*]' }] },
    `${WARNING}cb({"data":[{},{}]})\n<!-- a -->`,
    2,
  ],
  [
    'HTML in strings of JSON, of which one is a page',
    {
      posts: [
        { json: '$.html[*]', inside: { html: '.a', id: 'id' } },
        { json: '$..[*]', inside: { html: 'tr, .a', not: 'aside' } },
        { json: '$.html[*]', inside: { html: 'body', fallback: true } },
      ],
    },
    `${WARNING}${JSON.stringify({
      html: [
        '<b class=a id=1></b><noscript><b class=a id=1></b></noscript><aside><p class=a></aside>',
        page('no posts'),
        '',
      ],
      rows: '<tr><td>1<tr><td>2',
    })}`,
    5,
  ],
  [
    'HTML in events that are strings',
    { format: 'sse', posts: [{ json: '$', inside: { html: 'article' } }] },
    'data: "<article>\\n<\\/article>"\n\ndata: "<p><article>"\n\n',
    2,
  ],
  ['nothing in a call', { posts: [{ json: '$.data[*]' }] }, 'cb(null);', 0],
  [
    'a feed behind noise',
    { format: 'feed', posts: [{ feed: 'entry' }] },
    `${WARNING}${rss('<item/>')}${WARNING}`,
    1,
  ],
  [
    'XML behind noise',
    { format: 'xml', posts: [{ xml: '/rss/channel/item' }] },
    `NULL ${rss('<item/>')} 0`,
    1,
  ],
  ['rows', { format: 'csv', posts: [{ csv: 'row' }] }, 'sep=;\nid;text\n1;"a\nb"\n;\n2;c\n', 2],
  [
    'what noscript adds to a page, and a post in its wrapper',
    { format: 'html', posts: [{ html: '.a', id: 'id' }] },
    page(
      '<b class=a id=1></b><noscript><b class=a id=1></b><b class=a id=2></b></noscript><p class=a id=3><b class=a id=3></b></p><b class=a id=3></b>',
    ),
    4,
  ],
  [
    'what noscript repeats without ids',
    { format: 'html', posts: [{ html: '.a' }] },
    page('<noscript><b class=a></b><b class=a></b></noscript><b class=a></b>'),
    1,
  ],
  [
    'rows without a header, by a test',
    {
      format: 'csv',
      csv: { header: false },
      posts: [{ csv: 'row', where: '2 == "reply"', kind: 'embedded', id: '1' }, { csv: 'row' }],
    },
    '1,reply\n1,reply\n2,post\n',
    3,
  ],
  [
    'lines',
    {
      format: 'text',
      posts: [
        { text: 'line', line: '# Re: *' },
        { text: 'line', line: '# *' },
      ],
    },
    `# Re: a\n${'#'.repeat(2_000)}\n# ${'a'.repeat(2_000)}\n \nb\n`,
    2,
  ],
  ['a text as one post', { format: 'text', posts: [{ text: 'response' }] }, 'text', 1],
  ['a single post', { posts: [{ json: '$.data' }] }, '{"data":{"id":1}}', 1],
  [
    'kinds by order, one switched off by its kind',
    {
      posts: [
        { json: '$[*]', where: 'type == "link"', kind: 'reference' },
        { json: '$[*]', where: 'parent is present', kind: 'reply' },
        { json: '$[*]' },
      ],
    },
    '[{"type":"link"},{"parent":3},{"parent":null},{"type":"x"}]',
    3,
  ],
  [
    'embedded copies',
    {
      posts: [
        { json: '$[*]', id: 'id' },
        { json: '$[*].quote', id: 'id', kind: 'embedded' },
      ],
    },
    '[{"id":1,"quote":{"id":2}},{"id":2},{"id":3,"quote":{"id":4}},{"id":5,"quote":{"id":4}},{"id":6,"quote":{}}]',
    6,
  ],
  [
    'members of one origin',
    { posts: [{ json: '$[*]', where: 'a is present', sameOrigin: ['a', 'b.c'] }] },
    '[{"a":"http://x/1","b":{"c":{"id":"http://x:80"}}},{"a":"http://x","b":{"c":"http://y"}},{"a":"x","b":{"c":"x"}},{}]',
    1,
  ],
  ['any depth', { posts: [{ json: '$..post' }] }, '{"a":{"post":{"b":[{"post":{}}]}}}', 2],
  ['lists alone', { posts: [{ json: '$.body[:]' }] }, '{"body":{"code":1,"data":{"status":404}}}', 0],
  [
    'JSON in a string',
    { posts: [{ json: '$[*].body', inside: '$.data[*]' }] },
    '[{"body":"{\\"data\\":[{},{}]}"}]',
    2,
  ],
  ['JSONP that is bare', { format: 'jsonp', posts: [{ json: '$[*]' }] }, ' [{"a":"f(x)"},{}]\n', 2],
  [
    'JSONP that tests its function',
    { format: 'jsonp', posts: [{ json: '$[*]' }] },
    '/**/ typeof cb === \'function\' && cb([{},{"a":")"}]);\n',
    2,
  ],
  ['JSONP', { format: 'jsonp', posts: [{ json: '$[*]' }] }, '/**/a.b([{},{}]);', 2],
  [
    'lines',
    { format: 'ndjson', posts: [{ json: '$.data' }] },
    '{"data":{}}\r\n\r\n{"errors":[]}\n{"data":{}}',
    2,
  ],
  ['a sequence', { format: 'json-seq', posts: [{ json: '$' }] }, '\u001e{}\n\u001e{}\n', 2],
  [
    'events',
    { format: 'sse', events: ['update'], posts: [{ json: '$' }] },
    'event: update\ndata: {"id":\ndata: 1}\n\n:hi\n\nevent: delete\ndata: {}\n\n',
    1,
  ],
  [
    'a feed with comments',
    {
      format: 'feed',
      posts: [
        { feed: 'entry', where: 'link contains "#comment-"', kind: 'reference' },
        { feed: 'entry', id: 'guid' },
      ],
    },
    rss('<item><link>http://a/#comment-1</link></item>', '<item><link>http://a/</link></item>', '<item/>'),
    2,
  ],
  [
    'other XML',
    { format: 'xml', posts: [{ xml: '/a/b', where: 'm/name == "id"' }] },
    '<a><b><m><name>id</name></m></b><b><m><name>x</name></m></b><c><b/></c></a>',
    1,
  ],
  [
    'a page',
    {
      format: 'html',
      posts: [
        { html: 'article.post', not: 'aside', id: 'class^=post-' },
        { html: 'body.single', fallback: true },
      ],
    },
    page('<article class="post post-1">a</article><aside><article class="post">b</article></aside>'),
    1,
  ],
  [
    'JSON-LD',
    { format: 'html', posts: [{ jsonld: ['BlogPosting'] }] },
    page(
      '<script type="application/ld+json">{"@graph":[{"@type":["BlogPosting","X"]},{"@type":"schema:BlogPosting"},{"@type":"Person"}]}</script>',
    ),
    2,
  ],
];

describe('a second count', () => {
  it.each(cases)('of %s equals the first', (_, route, body, posts) => {
    expect(streamed(route, body)).toBe(posts);
    expect(recount(decisionFor(route).rule, new TextEncoder().encode(body))).toBe(posts);
  });

  it('reads UTF-16 by its mark', () => {
    const feed = decisionFor({ format: 'feed', posts: [{ feed: 'entry' }] }).rule;
    expect(recount(feed, Buffer.from(`\ufeff${rss('<item/>')}`, 'utf16le'))).toBe(1);
  });

  it('is null for a body that cannot be read', () => {
    const { rule } = decisionFor({ posts: [{ json: '$[*]' }] });
    expect(recount(rule, new TextEncoder().encode('[{},'))).toBeNull();
    const feed = decisionFor({ format: 'feed', posts: [{ feed: 'entry' }] }).rule;
    expect(recount(feed, new TextEncoder().encode('<html><item/></html>'))).toBeNull();
  });

  it('does not run if there is no second parser', () => {
    expect(canRecount(decisionFor({ format: 'car', posts: [{ record: 'a.b.c' }] }).rule)).toBe(false);
    expect(canRecount(decisionFor({ posts: [{ json: '$[*]' }] }).rule)).toBe(true);
  });
});

describe('the cross-check', () => {
  const route: Route = { posts: [{ json: '$[*]' }] };
  const { rule } = decisionFor(route);

  function checkOf(every: number, maxBytes = 1_000) {
    const reports: CrossCheckResult[] = [];
    const deferred: Array<() => void> = [];
    const report = (checked: CrossCheckResult) => void reports.push(checked);
    const check = new CrossCheck({ every, maxBytes, defer: (run) => void deferred.push(run), report });
    const serve = (body: string, how: ReadableRule = rule) => {
      const copy = check.choose(how, '/x?page=1');
      const posts = streamed(route, body, copy);
      for (const run of deferred.splice(0)) run();
      return posts;
    };
    return { reports, check, serve };
  }

  it('takes one of N responses', () => {
    const { reports, serve } = checkOf(3);
    for (let i = 0; i < 9; i++) serve('[{},{}]');
    expect(reports).toHaveLength(3);
    expect(reports[0]).toEqual({ route: '/x', target: '/x?page=1', posts: 2, recounted: 2, bytes: 7 });
  });

  it('reports a difference', () => {
    const { reports, serve } = checkOf(1);
    serve('[{},{}]', decisionFor({ posts: [{ json: '$[*].a' }] }).rule);
    expect(reports).toMatchObject([{ posts: 2, recounted: 0 }]);
  });

  it('leaves out responses that are too long or could not be counted, and keeps none of their bytes', () => {
    const { reports, check, serve } = checkOf(1, 10);
    for (let i = 0; i < 20; i++) serve('[{},{},{},{},{}]');
    for (let i = 0; i < 20; i++) expect(serve('[{},')).toBe('truncated');
    expect(reports).toEqual([]);
    expect(serve('[{}]')).toBe(1);
    expect(reports).toHaveLength(1);
    expect(check.choose(rule, '/')).toBeInstanceOf(BodyCopy);
  });

  it('keeps few bodies at a time', () => {
    const { check } = checkOf(1);
    const copies = Array.from({ length: 6 }, () => check.choose(rule, '/'));
    expect(copies.filter((copy) => copy !== null)).toHaveLength(4);
    copies[0]!.drop();
    expect(check.choose(rule, '/')).not.toBeNull();
  });
});
