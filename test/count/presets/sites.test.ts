/** Sites and forums: what they send by their API, in pages, in feeds and over sockets. */

import { describe, expect, it } from 'vitest';
import { DEFAULT_KINDS } from '../../../src/count/kinds.ts';
import { type Answer, type Found, Serving } from './serving.ts';

type Case = readonly [name: string, answer: Omit<Answer, 'status'>, found: Found | string];
const HTML = 'text/html; charset=utf-8';
const page = (body: string, classes = '') =>
  `<!DOCTYPE html><html><head><title>a</title></head><body class="${classes}">${body}</body></html>`;
const rss = (items: string, channel = '') =>
  `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>a</title>${channel}${items}</channel></rss>`;
const repeated = (count: number, text: (number: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join('');

describe('ghost', () => {
  const ghost = new Serving('ghost');
  const post = (id: number) => ({
    id: `5ddc9141c35e7700383b2937${id}`,
    uuid: 'a',
    title: 'a',
    slug: 'a',
    html: '<p>a</p>',
  });
  const list = { posts: [post(1), post(2)], meta: { pagination: { page: 1, total: 2 } } };
  const card = (classes: string) => `<article class="post-card post ${classes}"><h2>a</h2></article>`;

  it.each<Case>([
    ['posts', { target: '/ghost/api/content/posts/?key=a', body: list }, { post: 2 }],
    ['posts of an older version', { target: '/ghost/api/v3/content/posts/', body: list }, { post: 2 }],
    [
      'one by its slug',
      { target: '/ghost/api/content/posts/slug/a/', body: { posts: [post(1)] } },
      { post: 1 },
    ],
    [
      'posts cut to a field',
      { target: '/ghost/api/content/posts/?fields=html', body: { posts: [{ html: 'a' }] } },
      { post: 1 },
    ],
    [
      'the index of the search',
      { target: '/ghost/api/content/search-index/posts/', body: list },
      { reference: 2 },
    ],
    ['posts for the staff', { target: '/ghost/api/admin/posts/?formats=html', body: list }, { post: 2 }],
    ['pages', { target: '/ghost/api/content/pages/', body: { pages: [post(1)] } }, {}],
    ['tags', { target: '/ghost/api/content/tags/', body: { tags: [{ id: 'a', name: 'a' }] } }, {}],
    ['an error', { target: '/ghost/api/content/posts/', body: { errors: [{ message: 'a' }] } }, {}],
    [
      'comments',
      {
        target: '/members/api/comments/post/5ddc/',
        body: {
          comments: [
            { id: 'a', html: 'a', replies: [{ id: 'b', html: 'b' }] },
            { id: 'c', replies: [] },
          ],
        },
      },
      { reply: 3 },
    ],
    [
      'the front page',
      { target: '/', contentType: HTML, body: page(repeated(3, () => card('tag-a'))) },
      { post: 3 },
    ],
    [
      'a post',
      {
        target: '/a-post/',
        contentType: HTML,
        body: page('<article class="article post no-image">a</article>', 'post-template'),
      },
      { post: 1 },
    ],
    [
      'a post in a theme of its own',
      { target: '/a-post/', contentType: HTML, body: page('<main>a</main>', 'post-template tag-a') },
      { post: 1 },
    ],
    [
      'a page',
      {
        target: '/about/',
        contentType: HTML,
        body: page('<article class="post page">a</article>', 'page-template'),
      },
      {},
    ],
    [
      'a feed',
      {
        target: '/rss/',
        contentType: 'text/xml; charset=UTF-8',
        body: rss('<item><guid>5ddc</guid></item>'),
      },
      { post: 1 },
    ],
    [
      'the feed of a tag',
      { target: '/tag/a/rss/', contentType: 'application/rss+xml', body: rss('<item/><item/>') },
      { post: 2 },
    ],
  ])('%s', (_, answer, found) => {
    expect(ghost.found(answer)).toEqual(found);
  });
});

describe('nodebb', () => {
  const nodebb = new Serving('nodebb');
  const post = (index: number, more = {}) => ({
    pid: 10 + index,
    tid: 3,
    index,
    content: '<p>a</p>',
    ...more,
  });
  const topic = { tid: 3, title: 'a', posts: [post(0), post(1), post(2)], category: { cid: 2 } };
  const teaser = { tid: 3, title: 'a', teaser: { pid: 12, content: 'a', user: { uid: 1 } } };
  const written = (response: object) => ({ status: { code: 'ok', message: 'OK' }, response });
  const li = (index: number) => `<li component="post" data-index="${index}" data-pid="${10 + index}">a</li>`;
  const xml = 'application/xml; charset=utf-8';

  it.each<Case>([
    ['a topic', { target: '/api/topic/3/a', body: topic }, { post: 1, reply: 2 }],
    [
      'the newest topics',
      { target: '/api/recent', body: { topics: [teaser, { tid: 4, teaser: null }] } },
      { reference: 1 },
    ],
    [
      'a category',
      { target: '/api/category/2/a', body: { cid: 2, topics: [teaser], children: [] } },
      { reference: 1 },
    ],
    [
      'posts of a user',
      { target: '/api/user/ann/posts', body: { posts: [post(0, { isMainPost: true }), post(4)] } },
      { post: 1, reply: 1 },
    ],
    ['a search', { target: '/api/search?term=a', body: { posts: [post(5)], matchCount: 1 } }, { reply: 1 }],
    ['one post', { target: '/api/v3/posts/11', body: written(post(1)) }, { reply: 1 }],
    [
      'replies to it',
      { target: '/api/v3/posts/11/replies', body: written({ replies: [post(2), post(3)] }) },
      { reply: 2 },
    ],
    ['a topic without posts', { target: '/api/v3/topics/3', body: written({ tid: 3, title: 'a' }) }, {}],
    [
      'an error',
      { target: '/api/v3/posts/99', body: { status: { code: 'not-found', message: 'a' }, response: {} } },
      {},
    ],
    ['the settings', { target: '/api/config', body: { relative_path: '', version: '4' } }, {}],
    [
      'a page',
      { target: '/topic/3/a', contentType: HTML, body: page(`<ul>${repeated(3, li)}</ul>`) },
      { post: 1, reply: 2 },
    ],
    [
      'the feed of a topic, whose channel describes itself by the first post',
      {
        target: '/topic/3.rss',
        contentType: xml,
        body: rss('<item><guid>a</guid></item>', '<description>first</description>'),
      },
      { post: 1, reply: 1 },
    ],
    [
      'a feed of topics',
      {
        target: '/recent.rss',
        contentType: xml,
        body: rss('<item><link>https://a/topic/3/a</link></item>', '<description>topics</description>'),
      },
      { post: 1 },
    ],
    [
      'a feed of posts',
      {
        target: '/recentposts.rss',
        contentType: xml,
        body: rss('<item><link>https://a/post/3</link></item>'),
      },
      { reply: 1 },
    ],
    ['a sitemap', { target: '/sitemap.xml', contentType: xml, body: '<urlset><url/></urlset>' }, {}],
  ])('%s', (_, answer, found) => {
    expect(nodebb.found(answer)).toEqual(found);
  });

  const packets = [
    '0{"sid":"a"}',
    '40{"sid":"b"}',
    '2',
    `42["event:new_post",${JSON.stringify({ posts: [post(3)] })}]`,
    `430[null,${JSON.stringify({ posts: [post(0), post(1)], slugs: [] })}]`,
    `431[null,${JSON.stringify(post(2))}]`,
    '42["event:user_status_change",{"uid":1,"status":"online"}]',
  ];

  it('counts what socket.io carries, over a WebSocket and by polling', () => {
    const target = '/socket.io/?EIO=4&transport=';
    expect(nodebb.found({ target: `${target}websocket`, status: 101, body: packets })).toEqual({
      post: 1,
      reply: 3,
    });
    const contentType = 'text/plain; charset=UTF-8';
    expect(nodebb.found({ target: `${target}polling`, contentType, body: packets.join('\x1e') })).toEqual({
      post: 1,
      reply: 3,
    });
  });
});

describe('mediawiki', () => {
  const mediawiki = new Serving('mediawiki');
  const api = (body: unknown, query = 'action=query'): Answer => ({
    target: `/w/api.php?${query}&format=json`,
    body,
  });
  const slot = (text: object) => ({ slots: { main: { contentmodel: 'wikitext', ...text } } });
  const view = (classes: string, text: string) =>
    page(
      `<div id="mw-content-text"><div class="mw-content-ltr mw-parser-output">${text}</div></div>`,
      classes,
    );
  const text = (target: string, contentType: string, body: string): Answer => ({ target, contentType, body });

  it.each<Case>([
    [
      'revisions in the first version of the format',
      api({
        query: {
          pages: {
            12: { pageid: 12, title: 'a', revisions: [slot({ '*': 'a' })] },
            '-1': { title: 'b', missing: '' },
          },
        },
      }),
      { post: 1 },
    ],
    [
      'revisions in the second version of the format',
      api({
        query: {
          pages: [
            { pageid: 12, revisions: [slot({ content: 'a' })] },
            { pageid: 13, revisions: [slot({ content: '' })] },
          ],
        },
      }),
      { post: 2 },
    ],
    [
      'revisions without slots',
      api({ query: { pages: { 12: { revisions: [{ '*': 'a' }] } } } }),
      { post: 1 },
    ],
    [
      'revisions without their text',
      api({ query: { pages: { 12: { revisions: [{ revid: 5, user: 'ann' }] } } } }),
      {},
    ],
    [
      'extracts',
      api({ query: { pages: { 12: { pageid: 12, extract: 'a' }, 13: { pageid: 13, extract: 'b' } } } }),
      { post: 2 },
    ],
    [
      'a parsed page',
      api({ parse: { title: 'a', pageid: 12, text: { '*': '<p>a</p>' } } }, 'action=parse'),
      { post: 1 },
    ],
    ['the sections of a page', api({ parse: { title: 'a', pageid: 12, sections: [] } }, 'action=parse'), {}],
    ['a search', api({ query: { search: [{ pageid: 1, snippet: 'a' }, { pageid: 2 }] } }), { reference: 2 }],
    ['the site', api({ query: { general: { sitename: 'a' } } }), {}],
    ['an error', api({ error: { code: 'missingtitle', info: 'a' } }), {}],
    [
      'a page by rest.php',
      { target: '/w/rest.php/v1/page/Earth', body: { id: 9228, key: 'Earth', source: '{{a}}' } },
      { post: 1 },
    ],
    ['its description', { target: '/w/rest.php/v1/page/Earth/bare', body: { id: 9228, html_url: 'a' } }, {}],
    [
      'its HTML in JSON',
      { target: '/rest.php/v1/page/Earth/with_html', body: { id: 9228, html: '<p>' } },
      { post: 1 },
    ],
    ['its HTML', text('/w/rest.php/v1/page/Earth/html', HTML, page('a')), { post: 1 }],
    [
      'a search by rest.php',
      { target: '/w/rest.php/v1/search/page?q=a', body: { pages: [{ id: 1, excerpt: 'a' }] } },
      { reference: 1 },
    ],
    [
      'raw text',
      text('/w/index.php?title=Earth&action=raw', 'text/x-wiki; charset=UTF-8', "'''Earth'''"),
      { post: 1 },
    ],
    ['rendered text', text('/w/index.php?title=Earth&action=render', HTML, '<p>Earth</p>'), { post: 1 }],
    ['a page', text('/wiki/Earth', HTML, view('ns-0 ns-subject page-Earth action-view', 'a')), { post: 1 }],
    ['a special page', text('/wiki/Special:Version', HTML, view('ns--1 ns-special action-view', 'a')), {}],
    ['an editor', text('/w/index.php?title=Earth&action=edit', HTML, view('ns-0 action-edit', 'a')), {}],
    [
      'an export',
      text(
        '/wiki/Special:Export/Earth',
        'application/xml',
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/"><siteinfo/><page><id>1</id><revision><id>2</id><text>a</text></revision></page></mediawiki>',
      ),
      { post: 1 },
    ],
    [
      'changes as a feed',
      text(
        '/w/index.php?title=Special:RecentChanges&feed=atom',
        'application/atom+xml',
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry/></feed>',
      ),
      { reference: 1 },
    ],
  ])('%s', (_, answer, found) => {
    expect(mediawiki.found(answer)).toEqual(found);
  });
});

describe('directus', () => {
  const directus = new Serving('directus');
  const items = (query: string, data: unknown): Answer => ({ target: `/items/${query}`, body: { data } });
  const post = (id: number, more = {}) => ({ id, title: 'a', body: 'b', tags: ['a', 'b'], ...more });

  it.each<Case>([
    ['items', items('posts', [post(1), post(2)]), { post: 2 }],
    ['one item', items('articles/1', post(1)), { post: 1 }],
    ['comments', items('comments', [{ id: 1, text: 'a' }]), { reply: 1 }],
    ['a number of items', items('posts?aggregate[count]=*', [{ count: '3' }]), {}],
    [
      'sums by group',
      items('posts?aggregate[sum]=views&groupBy[]=year', [{ year: 1, sum: { views: 3 } }]),
      {},
    ],
    ['items, in spite of an empty aggregate', items('posts?aggregate=', [post(1), post(2)]), { post: 2 }],
    [
      'comments inside of posts',
      items('posts?fields=*,comments.*', [post(1, { comments: [{ id: 1 }, { id: 2 }] })]),
      { post: 1, reply: 2 },
    ],
    [
      'posts inside of authors',
      items('authors?fields=*,posts.*', [{ id: 1, name: 'a', posts: [post(1), post(2)] }]),
      { post: 2 },
    ],
    [
      'posts under a name of the client',
      items('authors?alias[a]=posts&fields=a.*', [
        { name: 'x', a: [post(1, { tags: [] }), post(2, { tags: [] })] },
      ]),
      { post: 2 },
    ],
    [
      'posts of one author under a name of the client',
      items('authors/1?alias[a]=posts&fields=a.*', { name: 'x', a: [post(1, { tags: [] })] }),
      { post: 1 },
    ],
    ['other items', items('categories', [{ id: 1, name: 'a' }]), {}],
    ['an error', { target: '/items/posts', body: { errors: [{ message: 'a' }] } }, {}],
    [
      'CSV',
      { target: '/items/posts?export=csv', contentType: 'text/csv', body: 'id,body\n1,"a\nb"\n2,c\n' },
      { post: 2 },
    ],
    [
      'GraphQL',
      {
        target: '/graphql',
        method: 'POST',
        question: {
          query: '{ a: posts { id } posts_by_id(id: 3) { id } posts_aggregated { count { id } } }',
        },
        body: {
          data: {
            a: [{ id: 1 }, { id: 2 }],
            posts_by_id: { id: 3 },
            posts_aggregated: [{ count: { id: 9 } }],
          },
        },
      },
      { post: 3 },
    ],
  ])('%s', (_, answer, found) => {
    expect(directus.found(answer)).toEqual(found);
  });

  it('distinguishes items by their id', () => {
    expect(directus.different(items('posts', [post(1), post(1), post(2)]), DEFAULT_KINDS)).toBe(2);
  });
});
