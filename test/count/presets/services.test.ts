import { describe, expect, it } from 'vitest';
import { DEFAULT_KINDS, withKinds } from '../../../src/count/kinds.ts';
import { type Found, Serving } from './serving.ts';

type Case = readonly [name: string, target: string, body: unknown, found: Found | string];
const script = (body: unknown) => `cb(${JSON.stringify(body)});`;

describe('wordpress-com', () => {
  const wordpressCom = new Serving('wordpress-com');
  const post = (id: number, more = {}) => ({
    ID: id,
    site_ID: 5,
    global_ID: 9000 + id,
    type: 'post',
    URL: `https://a.example/${id}`,
    content: 'a',
    attachments: {},
    ...more,
  });
  const comment = (id: number) => ({
    ID: id,
    URL: `https://a.example/#comment-${id}`,
    content: 'c',
    type: 'comment',
  });
  const list = { found: 2, posts: [post(1), post(2)], meta: { next_page: 'a' } };
  const enveloped = (body: unknown, code = 200) => ({ code, headers: [{ name: 'a', value: 'b' }], body });
  const posts = '/rest/v1.1/sites/a.example/posts/';

  it.each<Case>([
    ['posts', posts, list, { post: 2 }],
    ['none', posts, { found: 0, posts: [] }, {}],
    ['in an envelope', `${posts}?http_envelope=1`, enveloped(list), { post: 2 }],
    ['cut to fields', `${posts}?fields=content`, { found: 2, posts: [{ content: 'a' }, {}] }, { post: 2 }],
    ['pages among them', `${posts}?type=any`, { posts: [post(1), post(2, { type: 'page' })] }, { post: 1 }],
    [
      'with attachments',
      posts,
      { posts: [post(1, { attachments: { 7: { ID: 7, URL: 'b' } } })] },
      { post: 1, media: 1 },
    ],
    ['one', `${posts}1`, post(1), { post: 1 }],
    ['one cut to fields', `${posts}1?fields=content`, { content: 'a' }, { post: 1 }],
    ['one in an envelope', `${posts}slug:a?http_envelope=true`, enveloped(post(1)), { post: 1 }],
    [
      'an error in an envelope',
      `${posts}9?http_envelope=true`,
      enveloped({ error: 'unknown_post', message: 'a' }, 404),
      {},
    ],
    ['a page', `${posts}2`, post(2, { type: 'page' }), {}],
    ['comments', '/rest/v1.1/sites/5/comments/', { found: 1, comments: [comment(1)] }, { reply: 1 }],
    ['replies', `${posts}1/replies/`, { comments: [comment(1), comment(2)] }, { reply: 2 }],
    ['one comment', '/rest/v1.1/sites/5/comments/1', comment(1), { reply: 1 }],
    ['media', '/rest/v1.1/sites/5/media', { found: 1, media: [{ ID: 7, URL: 'b' }] }, { media: 1 }],
    ['what is read', '/rest/v1.2/read/following', { posts: [post(1)], date_range: {} }, { post: 1 }],
    ['one that is read', '/rest/v1.1/read/sites/5/posts/1', post(1), { post: 1 }],
    ['wp/v2', '/wp/v2/sites/5/posts', [{ id: 1 }, { id: 2 }], { post: 2 }],
    ['the site', '/rest/v1.1/sites/5', { ID: 5, post_count: 8 }, {}],
  ])('%s', (_name, target, body, found) => {
    expect(wordpressCom.found({ target, body })).toEqual(found);
    expect(wordpressCom.found({ target, body: script(body), contentType: 'text/javascript' })).toEqual(found);
  });
});

describe('wpgraphql', () => {
  const wpgraphql = new Serving('wpgraphql');
  const query =
    '{ a: posts(first: 2) { nodes { t: title } edges { node { t: title } } } authors: users { nodes { p: posts { nodes { c: comments { edges { n: node { content } } } } } } } pages { nodes { title } } }';
  const data = {
    a: { nodes: [{ t: 'a' }, { t: 'b' }], edges: [{ node: { t: 'a' } }, { node: { t: 'b' } }] },
    authors: { nodes: [{ p: { nodes: [{ c: { edges: [{ n: { content: 'c' } }] } }] } }] },
    pages: { nodes: [{ title: 'p' }] },
  };

  it.each(['/graphql', '/index.php?graphql', '/?graphql=true'])(
    'counts what was asked for at %s',
    (target) => {
      const answer = { target, method: 'POST', question: { query }, body: { data } };
      expect(wpgraphql.found(answer)).toEqual({ post: 3, reply: 1 });
    },
  );

  it('counts one post, and no missing one', () => {
    const question = {
      query: '{ post(id: 1) { databaseId title } gone: post(id: 2) { title } contentNodes { nodes { id } } }',
    };
    const body = { data: { post: { databaseId: 1, title: 'a' }, gone: null, contentNodes: { nodes: [] } } };
    expect(wpgraphql.found({ target: '/graphql', method: 'POST', question, body })).toEqual({ post: 1 });
  });

  it('reports that the operation is unknown', () => {
    const question = { extensions: { persistedQuery: { sha256Hash: 'abc' } } };
    expect(wpgraphql.found({ target: '/graphql', method: 'POST', question, body: { data } })).toBe(
      'document',
    );
  });
});

describe('tumblr', () => {
  const tumblr = new Serving('tumblr');
  const post = (id: number, more = {}) => ({
    object_type: 'post',
    id,
    id_string: String(id),
    blog_name: 'a',
    trail: [],
    ...more,
  });
  const reblog = (id: number, of: number) =>
    post(id, { reblogged_from_id: String(of), trail: [{ post: { id: String(of) }, content: [] }] });
  const answer = (response: unknown) => ({ meta: { status: 200, msg: 'OK' }, response });

  it.each<Case>([
    [
      'a blog',
      '/v2/blog/a/posts?api_key=k',
      answer({ blog: {}, posts: [post(1), reblog(2, 9)], total_posts: 2 }),
      { post: 1, repost: 1, embedded: 1 },
    ],
    ['posts of a type', '/v2/blog/a/posts/text', answer({ posts: [post(1)] }), { post: 1 }],
    ['an empty queue', '/v2/blog/a/posts/queue', answer({ posts: [] }), {}],
    ['one post by its id', '/v2/blog/a/posts/1', answer(post(1)), { post: 1 }],
    ['a reblog by its id', '/v2/blog/a/posts/2', answer(reblog(2, 9)), { repost: 1, embedded: 1 }],
    ['the dashboard', '/v2/user/dashboard', answer({ posts: [post(1), post(2)] }), { post: 2 }],
    ['likes', '/v2/blog/a/likes', answer({ liked_posts: [post(1)], liked_count: 9 }), { post: 1 }],
    ['a tag', '/v2/tagged?tag=a', answer([post(1), post(2)]), { post: 2 }],
    [
      'a timeline',
      '/v2/communities/a/timeline',
      answer({ timeline: { elements: [post(1), { object_type: 'blog' }, { type: 'ad' }] } }),
      { post: 1 },
    ],
    [
      'notes',
      '/v2/blog/a/notes?id=1',
      answer({ notes: [{ type: 'like' }, { type: 'reply', reply_text: 'c' }] }),
      { reply: 1 },
    ],
    ['a blog itself', '/v2/blog/a/info', answer({ blog: { title: 'a', posts: 20 } }), {}],
  ])('%s', (_name, target, body, found) => {
    expect(tumblr.found({ target, body })).toEqual(found);
    expect(tumblr.found({ target, body: script(body), contentType: 'application/javascript' })).toEqual(
      found,
    );
  });

  it('counts a post that is also in a trail once', () => {
    const body = answer({ posts: [post(9), reblog(2, 9), reblog(3, 9), reblog(4, 8)] });
    const kinds = withKinds(DEFAULT_KINDS, { embedded: true });
    expect(tumblr.count({ target: '/v2/user/dashboard', body }, kinds).posts).toBe(5);
  });
});

describe('threads', () => {
  const threads = new Serving('threads');
  const media = (id: number, more = {}) => ({ id: String(id), media_type: 'TEXT_POST', text: 't', ...more });

  it.each<Case>([
    [
      'posts of a user',
      '/v1.0/me/threads?fields=id,text',
      { data: [media(1), media(2)], paging: { cursors: { after: 'a' } } },
      { post: 2 },
    ],
    ['without a version', '/1234/threads', { data: [media(1)] }, { post: 1 }],
    ['no more than ids', '/v1.0/me/threads', { data: [{ id: '1' }, { id: '2' }] }, { post: 2 }],
    ['none', '/v1.0/me/threads', { data: [] }, {}],
    [
      'a repost',
      '/v1.0/me/threads',
      { data: [media(1, { media_type: 'REPOST_FACADE', reposted_post: { id: '9' } })] },
      { repost: 1, embedded: 1 },
    ],
    [
      'a quote with a carousel',
      '/v1.0/me/threads',
      { data: [media(1, { quoted_post: { id: '9' }, children: { data: [{ id: '2' }, { id: '3' }] } })] },
      { post: 1, embedded: 1, media: 2 },
    ],
    ['replies', '/v1.0/1/replies', { data: [media(2)] }, { reply: 1 }],
    ['a conversation', '/v1.0/1/conversation', { data: [{ id: '2' }] }, { reply: 1 }],
    [
      'a search',
      '/v1.0/keyword_search?q=a',
      { data: [media(1, { is_reply: true }), media(2)] },
      { post: 1, reply: 1 },
    ],
    ['one post', '/v1.0/1?fields=text', media(1), { post: 1 }],
    ['nothing but its id', '/v1.0/1', { id: '1' }, {}],
    ['a user', '/v1.0/me?fields=id,username,name', { id: '5', username: 'ann' }, {}],
    ['insights', '/v1.0/1/insights', { data: [{ name: 'views', values: [{ value: 5 }] }] }, {}],
  ])('%s', (_name, target, body, found) => {
    expect(threads.found({ target, body })).toEqual(found);
  });
});

describe('instagram', () => {
  const instagram = new Serving('instagram');
  const media = (id: number, more = {}) => ({ id: String(id), caption: 'c', media_type: 'IMAGE', ...more });
  const comments = { data: [{ id: 'c1', text: 'a', replies: { data: [{ id: 'c2', text: 'b' }] } }] };

  it.each<Case>([
    ['media', '/v23.0/1789/media?fields=caption', { data: [media(1), media(2)] }, { post: 2 }],
    ['no more than ids', '/1789/media', { data: [{ id: '1' }] }, { post: 1 }],
    [
      'comments expanded',
      '/v23.0/1789/media?fields=comments',
      { data: [media(1, { comments })] },
      { post: 1, reply: 2 },
    ],
    [
      'a carousel',
      '/v23.0/1789/media',
      { data: [media(1, { children: { data: [{ id: '2' }] } })] },
      { post: 1, media: 1 },
    ],
    ['a hashtag', '/v23.0/17/recent_media?user_id=1', { data: [media(1)] }, { post: 1 }],
    ['comments', '/v23.0/1/comments', comments, { reply: 2 }],
    ['parts', '/v23.0/1/children', { data: [{ id: '2' }, { id: '3' }] }, { media: 2 }],
    ['one of media', '/v23.0/1?fields=caption', { id: '1', caption: 'c' }, { post: 1 }],
    ['a comment', '/v23.0/c1', { id: 'c1', text: 'a' }, { reply: 1 }],
    [
      'a user',
      '/v23.0/1789?fields=username,media_count',
      { id: '1789', username: 'ann', media_count: 7 },
      {},
    ],
    [
      'a user with media',
      '/v23.0/1789?fields=media{caption}',
      { id: '1789', media: { data: [media(1), media(2)] } },
      { post: 2 },
    ],
    [
      'somebody else',
      '/v23.0/1789?fields=business_discovery.username(bob){media}',
      { id: '1789', business_discovery: { id: '5', media: { data: [media(1)] } } },
      { post: 1 },
    ],
    ['several by ids', '/v23.0/?ids=1,2', { 1: media(1), 2: media(2) }, { post: 2 }],
    ['insights', '/v23.0/1/insights', { data: [{ name: 'reach' }] }, {}],
  ])('%s', (_name, target, body, found) => {
    expect(instagram.found({ target, body })).toEqual(found);
  });

  it('reads the answers of a batch, which are strings', () => {
    const part = (body: unknown) => ({ code: 200, headers: [], body: JSON.stringify(body) });
    const body = [
      part({ data: [media(1), media(2)] }),
      part(media(3)),
      part({ id: '1', username: 'ann' }),
      null,
    ];
    expect(instagram.found({ target: '/', method: 'POST', body })).toEqual({ post: 3 });
  });
});

describe('youtube', () => {
  const youtube = new Serving('youtube');
  const thread = (id: string, replies: number) => ({
    kind: 'youtube#commentThread',
    id,
    snippet: { topLevelComment: { kind: 'youtube#comment', id } },
    replies: {
      comments: Array.from({ length: replies }, (_, i) => ({ kind: 'youtube#comment', id: `${id}.${i}` })),
    },
  });
  const video = (id: string) => ({ kind: 'youtube#video', id, snippet: { title: 'a' } });
  const result = (id: Record<string, string>) => ({
    kind: 'youtube#searchResult',
    id,
    snippet: { title: 'a' },
  });

  it.each<Case>([
    [
      'videos',
      'videos?id=a,b',
      { kind: 'youtube#videoListResponse', items: [video('a'), video('b')] },
      { post: 2 },
    ],
    ['none', 'videos?id=z', { items: [], pageInfo: { totalResults: 0 } }, {}],
    [
      'cut to fields',
      'videos?fields=items/snippet/title',
      { items: [{ snippet: { title: 'a' } }] },
      { post: 1 },
    ],
    [
      'a playlist',
      'playlistItems',
      {
        items: [{ id: 'p', snippet: { resourceId: { videoId: 'a' } } }, { contentDetails: { videoId: 'b' } }],
      },
      { post: 2 },
    ],
    [
      'a search',
      'search?q=a',
      { items: [result({ videoId: 'a' }), result({ channelId: 'c' }), result({ playlistId: 'p' })] },
      { reference: 1 },
    ],
    ['threads', 'commentThreads', { items: [thread('a', 2), thread('b', 0)] }, { reply: 4 }],
    ['comments', 'comments', { items: [{ id: 'a' }] }, { reply: 1 }],
    ['channels', 'channels', { items: [{ kind: 'youtube#channel', id: 'c' }] }, {}],
  ])('%s', (_name, method, body, found) => {
    const target = `/youtube/v3/${method}`;
    expect(youtube.found({ target, body })).toEqual(found);
    expect(
      youtube.found({
        target,
        body: `// API callback\n${script(body)}`,
        contentType: 'text/javascript; charset=UTF-8',
      }),
    ).toEqual(found);
  });

  it('identifies a video by its id, single or in a playlist', () => {
    const body = {
      items: [{ id: 'p', snippet: { resourceId: { videoId: 'a' } } }, { contentDetails: { videoId: 'a' } }],
    };
    expect(youtube.different({ target: '/youtube/v3/playlistItems', body })).toBe(1);
  });

  it('reads the answers of a batch', () => {
    const part = (body: unknown) =>
      `--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(body)}\r\n`;
    const parts = [
      { items: [video('a'), video('b')] },
      { items: [thread('t', 1)] },
      { items: [result({ videoId: 'a' }), { kind: 'youtube#channel', id: 'c' }] },
    ];
    const answer = {
      target: '/batch/youtube/v3',
      method: 'POST',
      contentType: 'multipart/mixed; boundary=b',
      body: `${parts.map(part).join('')}--b--`,
    };
    expect(youtube.found(answer)).toEqual({ post: 2, reply: 2, reference: 1 });
  });

  it("counts a channel's feed", () => {
    const body =
      '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom"><entry><id>yt:video:a</id><yt:videoId>a</yt:videoId></entry></feed>';
    const answer = { target: '/feeds/videos.xml?channel_id=c', contentType: 'text/xml; charset=UTF-8', body };
    expect(youtube.found(answer)).toEqual({ post: 1 });
    expect(youtube.different(answer)).toBe(1);
  });
});

describe('tiktok-research', () => {
  const tiktok = new Serving('tiktok-research');
  const ok = { error: { code: 'ok', message: '' } };
  const video = (id: number) => ({ id, video_description: 'a' });

  it.each<Case>([
    [
      'a query',
      'video/query/?fields=id',
      { data: { videos: [video(1), video(2)], cursor: 2, has_more: true }, ...ok },
      { post: 2 },
    ],
    [
      'cut to fields',
      'video/query/?fields=view_count',
      { data: { videos: [{ view_count: 5 }] }, ...ok },
      { post: 1 },
    ],
    ['none', 'video/query/', { data: { videos: [], has_more: false }, ...ok }, {}],
    ['an error', 'video/query/', { data: {}, error: { code: 'invalid_params' } }, {}],
    ['liked ones', 'user/liked_videos/', { data: { user_liked_videos: [video(1)] }, ...ok }, { post: 1 }],
    ['pinned ones', 'user/pinned_videos/', { data: { pinned_videos_list: [video(1)] }, ...ok }, { post: 1 }],
    [
      'reposted ones',
      'user/reposted_videos/',
      { data: { user_reposted_videos: [video(1)] }, ...ok },
      { repost: 1 },
    ],
    ['comments', 'video/comment/list/', { data: { comments: [{ id: 1, text: 'a' }] }, ...ok }, { reply: 1 }],
    ['followers', 'user/followers/', { data: { user_followers: [{ username: 'a' }] }, ...ok }, {}],
  ])('%s', (_name, method, body, found) => {
    expect(tiktok.found({ target: `/v2/research/${method}`, method: 'POST', body })).toEqual(found);
  });
});

describe('feeds of any kind', () => {
  const feeds = new Serving('feeds');
  const atom = (entries: string) =>
    `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0">${entries}</feed>`;

  it.each<[string, string, string, Found]>([
    [
      'RSS',
      'text/xml',
      '<rss version="2.0"><channel><item><guid>a</guid></item><item><link>b</link></item></channel></rss>',
      { post: 2 },
    ],
    [
      'comments in RSS',
      'application/rss+xml',
      '<rss><channel><item><guid>a#comment-1</guid></item></channel></rss>',
      { reply: 1 },
    ],
    [
      'Atom',
      'application/atom+xml',
      atom('<entry><id>a</id></entry><entry><id>b</id><thr:in-reply-to ref="a"/></entry>'),
      { post: 1, reply: 1 },
    ],
    [
      'one entry',
      'application/atom+xml;type=entry',
      '<entry xmlns="http://www.w3.org/2005/Atom"><id>a</id></entry>',
      { post: 1 },
    ],
    ['an empty one', 'application/xml', atom(''), {}],
  ])('%s', (_name, contentType, body, found) => {
    expect(feeds.found({ target: '/any', contentType, body })).toEqual(found);
  });

  const jsonFeed = new Serving('json-feed');
  const feed = {
    version: 'https://jsonfeed.org/version/1.1',
    items: [{ id: '1', content_text: 'a', attachments: [{ url: 'a.mp3' }] }, { id: '2' }],
  };

  it.each([
    'application/feed+json',
    'application/json; charset=utf-8',
    'text/html',
    'text/plain',
    'application/octet-stream',
  ])('JSON Feed as %s', (contentType) => {
    expect(jsonFeed.found({ target: '/any', contentType, body: feed })).toEqual({ post: 2, media: 1 });
    expect(feeds.found({ target: '/any', contentType, body: feed })).toEqual({ post: 2 });
  });

  it.each(['text/html', 'text/plain', 'application/json', 'application/octet-stream'])(
    'Atom as %s',
    (contentType) => {
      const body = atom('<entry><id>a</id></entry>');
      expect(feeds.found({ target: '/any', contentType, body })).toEqual({ post: 1 });
      expect(jsonFeed.found({ target: '/any', contentType, body })).toEqual({});
    },
  );

  it.each<[string, string, unknown]>([
    ['a page', 'text/html', '<!doctype html><p>a</p>'],
    ['a sitemap', 'application/xml', '<urlset><url/></urlset>'],
    ['OPML', 'text/x-opml', '<opml><body><outline/></body></opml>'],
    ['other JSON', 'application/json', { items: [{ id: 1 }] }],
    ['bytes', 'application/octet-stream', Uint8Array.of(1, 2, 3)],
  ])('%s holds no entries, and is known not to be a feed', (_, contentType, body) => {
    for (const preset of [feeds, jsonFeed]) {
      expect(preset.found({ target: '/any', contentType, body })).toEqual({});
    }
  });
});
