import { describe, expect, it } from 'vitest';
import { DEFAULT_KINDS, withKinds } from '../../../src/count/kinds.ts';
import { type Answer, type Found, Serving } from './serving.ts';

const wordpress = new Serving('wordpress');
const HOST = 'https://blog.example';
const post = (id: number, more = {}) => ({
  id,
  type: 'post',
  link: `${HOST}/?p=${id}`,
  title: { rendered: 'A title' },
  content: { rendered: '<p>body</p>', protected: false },
  meta: { footnotes: '' },
  _links: { self: [{ href: `${HOST}/wp-json/wp/v2/posts/${id}` }] },
  ...more,
});
const comment = (id: number) => ({
  id,
  type: 'comment',
  post: 1,
  link: `${HOST}/?p=1#comment-${id}`,
  content: { rendered: 'x' },
});
const attachment = (id: number) => ({
  id,
  type: 'attachment',
  link: `${HOST}/a-${id}/`,
  source_url: 'x.jpg',
});
const user = { id: 3, name: 'Ann', link: `${HOST}/author/ann/` };
const failed = { code: 'rest_post_invalid_id', message: 'Invalid post ID.', data: { status: 404 } };
const enveloped = (body: unknown, status = 200) => ({ body, status, headers: { Allow: 'GET' } });

const PAGE = [post(1), post(2), post(3)];

describe('wordpress by REST', () => {
  it.each([
    '/wp-json/wp/v2/posts',
    '/wp-json/wp/v2/posts/?per_page=100&_fields=id',
    '/wp-json//wp/v2/%70osts',
    '/index.php/wp-json/wp/v2/posts?page=2',
    '/?rest_route=/wp/v2/posts&per_page=20',
    '/index.php?rest_route=%2Fwp%2Fv2%2Fposts',
    '/any/page/?rest.route=/wp/v2/posts/',
  ])('the door %s', (target) => {
    expect(wordpress.found({ target, body: PAGE })).toEqual({ post: 3 });
    expect(wordpress.found({ target, body: [] })).toEqual({});
    expect(wordpress.found({ target, body: enveloped(PAGE) })).toEqual({ post: 3 });
    expect(wordpress.found({ target, body: enveloped(failed, 404) })).toEqual({});
    const contentType = 'application/javascript; charset=UTF-8';
    expect(wordpress.found({ target, contentType, body: `/**/cb(${JSON.stringify(PAGE)})` })).toEqual({
      post: 3,
    });
  });

  it.each<[string, string, unknown, Found]>([
    [
      'cut to fields',
      '/posts?_fields=id,title',
      [{ id: 1, title: { rendered: 'a' } }, { id: 2 }],
      { post: 2 },
    ],
    [
      'cut to fields without an id',
      '/posts?_fields=content',
      [{ content: { rendered: 'a' } }, { content: {} }],
      { post: 2 },
    ],
    ['cut to a field that none has', '/posts?_fields=nothing', [{}, {}], { post: 2 }],
    ['one post', '/posts/1', post(1), { post: 1 }],
    ['one cut to fields', '/posts/1?_fields=content', { content: { rendered: 'a' } }, { post: 1 }],
    ['one in an envelope', '/posts/1?_envelope', enveloped(post(1)), { post: 1 }],
    ['an error in an envelope', '/posts/9?_envelope=1', enveloped(failed, 404), {}],
    ['comments', '/comments', [comment(1), comment(2)], { reply: 2 }],
    ['one comment', '/comments/1', comment(1), { reply: 1 }],
    ['comments cut to fields', '/comments?_fields=content', [{ content: {} }], { reply: 1 }],
    ['media', '/media', [attachment(5), attachment(6)], { media: 2 }],
    ['one of media', '/media/5', attachment(5), { media: 1 }],
    ['pages', '/pages', [post(1, { type: 'page' })], {}],
    ['users', '/users', [user], {}],
    ['categories', '/categories', [{ id: 1, count: 5, taxonomy: 'category' }], {}],
    ['revisions', '/posts/1/revisions', [post(7, { type: 'revision' })], {}],
    [
      'a search',
      '/search',
      [
        { id: 1, title: 'a', type: 'post', subtype: 'post' },
        { id: 2, title: 'b', type: 'post', subtype: 'page' },
        { id: 3, title: 'c', type: 'term', subtype: 'category' },
        { id: 4, url: 'd' },
      ],
      { reference: 2 },
    ],
    [
      'a search with its posts embedded',
      '/search?_embed',
      [{ id: 1, type: 'post', subtype: 'post', _embedded: { self: [post(1)] } }],
      { reference: 1, embedded: 1 },
    ],
    [
      'a comment with its post embedded',
      '/comments?_embed',
      [{ ...comment(1), _embedded: { up: [post(1)], author: [user] } }],
      { reply: 1, embedded: 1 },
    ],
    [
      'a comment whose post may not be seen',
      '/comments?_embed',
      [{ ...comment(1), _embedded: { up: [failed] } }],
      { reply: 1 },
    ],
  ])('%s', (_name, path, body, found) => {
    expect(wordpress.found({ target: `/wp-json/wp/v2${path}`, body })).toEqual(found);
  });

  const embedding = [
    post(1, {
      _embedded: {
        author: [user],
        replies: [[comment(1), comment(2)]],
        'wp:featuredmedia': [attachment(5)],
        'wp:term': [[{ id: 1, taxonomy: 'category' }], []],
      },
    }),
    post(2, { _embedded: { author: [failed], replies: [failed], 'wp:featuredmedia': [failed] } }),
  ];

  it('distinguishes what _embed adds from the posts', () => {
    const target = '/wp-json/wp/v2/posts?_embed=1';
    expect(wordpress.found({ target, body: embedding })).toEqual({ post: 2, embedded: 2, media: 1 });
  });

  it('does not take a comment for the post of the same number', () => {
    const kinds = withKinds(DEFAULT_KINDS, { embedded: true });
    const answer = { target: '/wp-json/wp/v2/posts?_embed=1', body: embedding };
    expect(wordpress.count(answer, kinds).posts).toBe(4);
    expect(wordpress.different(answer, kinds)).toBe(4);
  });

  it('counts by the route of the query if the path names another one', () => {
    const single = '/wp-json/wp/v2/posts?rest_route=/wp/v2/posts/5';
    expect(wordpress.found({ target: single, body: post(5) })).toEqual({ post: 1 });
    const target = '/wp-json/wp/v2/posts/7?rest_route=/wp/v2/comments';
    expect(wordpress.found({ target, body: [comment(1), comment(2)] })).toEqual({ reply: 2 });
  });

  it.each([
    '/?rest_route=/wp/v2/posts&rest_route=/wp/v2/posts/5',
    '/?rest_route=/wp/v2/posts/5&rest_route=/wp/v2/posts',
    '/?rest_route=/wp/v2/posts&rest_route=/wp/v2/users',
  ])('takes %s for ambiguous, so that the gateway refuses it', (target) => {
    expect(wordpress.isAmbiguous(target)).toBe(true);
  });

  it('counts a route that was posted to whatever path, as a script, or cut to some fields', () => {
    const answer = { method: 'POST', target: '/any/page/?_method=GET&_jsonp=cb' };
    expect(wordpress.found({ ...answer, body: PAGE })).toEqual({ post: 3 });
    const contentType = 'application/javascript; charset=UTF-8';
    expect(wordpress.found({ ...answer, contentType, body: `/**/cb(${JSON.stringify(PAGE)})` })).toEqual({
      post: 3,
    });
    const cut = [{ content: {} }, { id: 2, excerpt: {} }, { type: 'page', content: {} }, { name: 'x' }];
    expect(wordpress.found({ ...answer, body: cut })).toEqual({ post: 2 });
  });

  it('counts a posted route by its items', () => {
    const answer = { method: 'POST', target: '/?_method=GET' };
    expect(wordpress.found({ ...answer, body: [post(1), post(2, { type: 'page' }), comment(3)] })).toEqual({
      post: 1,
      reply: 1,
    });
    expect(wordpress.found({ ...answer, body: [user] })).toEqual({});
  });

  it('counts a previews of oEmbed as references', () => {
    const target = '/wp-json/oembed/1.0/embed?url=x';
    expect(wordpress.found({ target, body: { version: '1.0', title: 'a' } })).toEqual({ reference: 1 });
    const contentType = 'text/xml; charset=UTF-8';
    expect(wordpress.found({ target, contentType, body: '<oembed><title>a</title></oembed>' })).toEqual({
      reference: 1,
    });
  });

  it('counts nothing in the description that OPTIONS asks for', () => {
    const body = {
      namespace: 'wp/v2',
      methods: ['GET'],
      endpoints: [{ methods: ['GET'] }],
      schema: { title: 'post' },
    };
    for (const path of ['/posts', '/posts/1']) {
      expect(wordpress.found({ method: 'OPTIONS', target: `/wp-json/wp/v2${path}`, body })).toEqual({});
    }
  });

  it.each([
    ['the index', '/wp-json/', { routes: { '/wp/v2/posts': { methods: ['GET'] } } }],
    ['JSON of something else', '/wp-admin/admin-ajax.php', [post(1)]],
  ])('leaves %s unchanged', (_name, target, body) => {
    expect(wordpress.found({ target, body })).toEqual({});
  });
});

const page = (body: string, classes = 'home blog') =>
  `<!doctype html><html><head><title>a</title></head><body class="${classes}">${body}<aside><a href="/?p=9">Recent</a></aside></body></html>`;
const article = (id: number, type = 'post', inside = '') =>
  `<article id="post-${id}" class="post-${id} ${type} type-${type} status-publish hentry"><h2>t</h2>${inside}</article>`;
const said = (id: number, below = '') =>
  `<li id="comment-${id}" class="comment even depth-1"><article id="div-comment-${id}" class="comment-body"><p>c</p></article>${below}</li>`;

describe('wordpress by its pages', () => {
  it.each<[string, string, Found]>([
    ['a front', page(article(1) + article(2)), { post: 2 }],
    [
      'a front of a block theme',
      page('<ul><li class="wp-block-post post-1 post type-post"><h2>t</h2></li></ul>'),
      { post: 1 },
    ],
    ['a post', page(article(1), 'single single-post postid-1'), { post: 1 }],
    [
      'a post with comments',
      page(`${article(1)}<ol>${said(1, `<ol>${said(2)}</ol>`)}${said(3)}</ol>`, 'single-post postid-1'),
      { post: 1, reply: 3 },
    ],
    [
      'a post of a block theme',
      page(`<main>text</main>${said(1)}`, 'single single-post postid-1'),
      { post: 1, reply: 1 },
    ],
    ['a page', page(article(5, 'page'), 'page page-id-5'), {}],
    ['a post inside a page of another type', page(article(6, 'product')), {}],
    ['nothing found', page('<p>Nothing here</p>', 'search search-no-results'), {}],
  ])('%s', (_name, body, found) => {
    expect(
      wordpress.found({ target: '/2026/03/a-post/', contentType: 'text/html; charset=UTF-8', body }),
    ).toEqual(found);
  });

  it('knows a post by its number, in a page as by REST', () => {
    const contentType = 'text/html';
    const answer: Answer = { target: '/', contentType, body: page(article(1) + article(2) + article(1)) };
    expect(wordpress.different(answer)).toBe(2);
  });
});

const rss = (...items: string[]) =>
  `<?xml version="1.0"?><rss version="2.0"><channel><title>a</title>${items.join('')}</channel></rss>`;
const item = (id: number) =>
  `<item><title>t</title><link>${HOST}/a/</link><guid isPermaLink="false">${HOST}/?p=${id}</guid><description><![CDATA[<item></item>]]></description></item>`;
const commentItem = (id: number) =>
  `<item><title>t</title><link>${HOST}/a/#comment-${id}</link><guid isPermaLink="false">${HOST}/a/#comment-${id}</guid></item>`;

describe('wordpress by feeds and XML-RPC', () => {
  it.each<[string, string, string, Found]>([
    ['RSS 2.0', 'application/rss+xml; charset=UTF-8', rss(item(1), item(2)), { post: 2 }],
    ['RSS 2.0 of comments', 'application/rss+xml', rss(commentItem(1), commentItem(2)), { reply: 2 }],
    ['RSS 0.92', 'application/rss+xml', rss('<item><title>t</title><link>a</link></item>'), { post: 1 }],
    ['an empty feed', 'application/rss+xml', rss(), {}],
    [
      'Atom',
      'application/atom+xml',
      `<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>${HOST}/?p=1</id></entry><entry><id>${HOST}/a/#comment-1</id></entry></feed>`,
      { post: 1, reply: 1 },
    ],
    [
      'RSS 1.0',
      'application/rdf+xml',
      '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><items><rdf:Seq><rdf:li resource="a"/></rdf:Seq></items></channel><item rdf:about="a"><link>a</link></item></rdf:RDF>',
      { post: 1 },
    ],
  ])('%s', (_name, contentType, body, found) => {
    expect(wordpress.found({ target: '/feed/', contentType, body })).toEqual(found);
  });

  const value = (inside: string) => `<value>${inside}</value>`;
  const array = (...values: string[]) => `<array><data>${values.map(value).join('')}</data></array>`;
  const struct = (...names: string[]) =>
    `<struct>${names.map((name) => `<member><name>${name}</name><value><string>1</string></value></member>`).join('')}</struct>`;
  const response = (inside: string) =>
    `<?xml version="1.0"?><methodResponse><params><param>${value(inside)}</param></params></methodResponse>`;
  const entry = struct('postid', 'title');

  it.each<[string, string, Found]>([
    ['recent posts', response(array(entry, struct('post_id', 'post_title'))), { post: 2 }],
    ['one post', response(entry), { post: 1 }],
    ['comments', response(array(struct('comment_id', 'post_id'))), { reply: 1 }],
    ['media', response(array(struct('attachment_id'))), { media: 1 }],
    ['pages', response(array(struct('page_id'))), {}],
    ['names of methods', response(array('<string>system.multicall</string>')), {}],
    ['several calls in one', response(array(array(array(entry, entry)), array(entry))), { post: 3 }],
    ['a fault', '<methodResponse><fault><value><struct/></value></fault></methodResponse>', {}],
  ])('%s', (_name, body, found) => {
    const answer = { target: '/xmlrpc.php', method: 'POST', contentType: 'text/xml; charset=UTF-8' };
    expect(wordpress.found({ ...answer, body })).toEqual(found);
    expect(wordpress.found({ ...answer, target: '/xmlrpc.php/more', body })).toEqual(found);
  });

  it.each([
    ['image/jpeg', '\u00ff\u00d8'],
    ['application/xml', '<urlset><url><loc>a</loc></url></urlset>'],
    ['text/css', '.type-post {}'],
  ])('leaves %s unchanged', (contentType, body) => {
    expect(wordpress.found({ target: '/wp-content/a', contentType, body })).toEqual({});
  });
});
