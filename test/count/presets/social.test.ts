import { describe, expect, it } from 'vitest';
import { DEFAULT_KINDS, withKinds } from '../../../src/count/kinds.ts';
import { type Found, Serving } from './serving.ts';

type Case = readonly [name: string, target: string, body: unknown, found: Found | string];

describe('reddit', () => {
  const reddit = new Serving('reddit');
  const listing = (...children: unknown[]) => ({
    kind: 'Listing',
    data: { after: null, dist: children.length, children },
  });
  const link = (id: string, more = {}) => ({
    kind: 't3',
    data: { id, name: `t3_${id}`, title: 'a', ...more },
  });
  const comment = (id: string, replies: unknown = '') => ({
    kind: 't1',
    data: { id, name: `t1_${id}`, body: 'c', replies },
  });
  const more = { kind: 'more', data: { count: 3, children: ['x', 'y', 'z'] } };
  const discussion = [
    listing(link('a')),
    listing(comment('1', listing(comment('2', listing(comment('3'), more)))), comment('4'), more),
  ];

  it.each<Case>([
    ['a subreddit', '/r/all/new.json?limit=100', listing(link('a'), link('b')), { post: 2 }],
    ['an empty one', '/r/none/new', listing(), {}],
    ['a discussion', '/r/all/comments/a/title/', discussion, { post: 1, reply: 4 }],
    ['what a user did', '/user/ann/overview', listing(link('a'), comment('1')), { post: 1, reply: 1 }],
    [
      'a crosspost',
      '/r/all/hot',
      listing(link('b', { crosspost_parent_list: [{ name: 't3_a', title: 'a' }] })),
      { post: 1, embedded: 1 },
    ],
    ['subreddits', '/subreddits/popular', listing({ kind: 't5', data: { name: 't5_1' } }), {}],
    ['messages', '/message/inbox', listing({ kind: 't4', data: { name: 't4_1' } }), {}],
    ['a user', '/user/ann/about', { kind: 't2', data: { name: 'ann' } }, {}],
    ['something else', '/api/v1/me', { name: 'ann', features: { children: true } }, {}],
  ])('%s', (_name, target, body, found) => {
    expect(reddit.found({ target, body })).toEqual(found);
  });

  it('counts the comments that a discussion left out when they are requested', () => {
    const body = { json: { errors: [], data: { things: [comment('8'), comment('9'), more] } } };
    expect(reddit.found({ target: '/api/morechildren', method: 'POST', body })).toEqual({ reply: 2 });
    expect(reddit.found({ target: '/api/comment', method: 'POST', body })).toEqual({});
  });

  it('counts a crosspost beside its parent once', () => {
    const body = listing(link('a'), link('b', { crosspost_parent_list: [{ name: 't3_a' }] }));
    expect(reddit.count({ target: '/', body }, withKinds(DEFAULT_KINDS, { embedded: true })).posts).toBe(2);
  });

  it('distinguishes posts from comments in feeds', () => {
    const entries = ['t3_a', 't1_1', 't1_2', 't5_1'].map(
      (id) => `<entry><id>${id}</id><title>t</title></entry>`,
    );
    const body = `<feed xmlns="http://www.w3.org/2005/Atom">${entries.join('')}</feed>`;
    const contentType = 'application/atom+xml; charset=UTF-8';
    expect(reddit.found({ target: '/r/all/.rss', contentType, body })).toEqual({ post: 1, reply: 2 });
  });
});

describe('mastodon', () => {
  const mastodon = new Serving('mastodon');

  it('counts what is read by a POST that calls itself a GET', () => {
    const answer = { method: 'POST', target: '/api/v1/timelines/public?_method=get' };
    expect(mastodon.found({ ...answer, body: [{ id: '1' }, { id: '2' }] })).toEqual({ post: 2 });
  });
  const status = (id: number, more = {}) => ({
    id: String(id),
    in_reply_to_id: null,
    visibility: 'public',
    content: '<p>a</p>',
    reblog: null,
    quote: null,
    media_attachments: [],
    account: { id: '1', acct: 'ann' },
    ...more,
  });
  const reply = (id: number) => status(id, { in_reply_to_id: '1' });
  const boost = (id: number, of: number) => status(id, { reblog: status(of) });
  const mention = (id: number) => ({
    id: `n${id}`,
    type: 'mention',
    account: { id: '1' },
    status: reply(id),
  });
  const follow = { id: 'n0', type: 'follow', account: { id: '1' } };
  const talk = (id: number) => ({ id: 'c1', unread: true, accounts: [], last_status: status(id) });

  it.each<Case>([
    [
      'a timeline',
      '/api/v1/timelines/home',
      [status(1), reply(2), boost(3, 4)],
      { post: 1, reply: 1, repost: 1, embedded: 1 },
    ],
    ['an empty one', '/api/v1/timelines/tag/none', [], {}],
    [
      'an account',
      '/api/v1/accounts/5/statuses',
      [status(1, { media_attachments: [{ id: 'm' }, { id: 'n' }] })],
      { post: 1, media: 2 },
    ],
    [
      'a quote',
      '/api/v1/timelines/public',
      [status(1, { quote: { state: 'accepted', quoted_status: status(2) } })],
      { post: 1, embedded: 1 },
    ],
    [
      'a quote that is gone',
      '/api/v1/timelines/public',
      [status(1, { quote: { state: 'revoked', quoted_status: null } })],
      { post: 1 },
    ],
    [
      'a boost of a quote',
      '/api/v1/favourites',
      [status(1, { reblog: status(2, { quote: { quoted_status: status(3) } }) })],
      { repost: 1, embedded: 2 },
    ],
    ['one status', '/api/v1/statuses/1', status(1), { post: 1 }],
    ['several by id', '/api/v1/statuses?id[]=1&id[]=2', [status(1), status(2)], { post: 2 }],
    [
      'its context',
      '/api/v1/statuses/2/context',
      { ancestors: [status(1)], descendants: [reply(3), reply(4)] },
      { post: 1, reply: 2 },
    ],
    ['who boosted it', '/api/v1/statuses/2/reblogged_by', [{ id: '1', acct: 'ann' }], {}],
    [
      'a search',
      '/api/v2/search?q=a',
      { accounts: [{ id: '1' }], statuses: [status(1), reply(2)], hashtags: [{ name: 'a' }] },
      { post: 1, reply: 1 },
    ],
    ['notifications', '/api/v1/notifications', [mention(1), follow], { reply: 1 }],
    [
      'grouped ones',
      '/api/v2/notifications',
      { accounts: [{ id: '1' }], statuses: [status(1)], notification_groups: [{ status_id: '1' }] },
      { post: 1 },
    ],
    ['conversations', '/api/v1/conversations', [talk(1), { id: 'c2', last_status: null }], { post: 1 }],
    ['an account itself', '/api/v1/accounts/5', { id: '5', acct: 'ann' }, {}],
    ['a preview', '/api/oembed?url=a', { type: 'rich', html: '<iframe>' }, { reference: 1 }],
  ])('%s', (_name, target, body, found) => {
    expect(mastodon.found({ target, body })).toEqual(found);
  });

  const events = [
    ['update', status(1)],
    ['update', boost(2, 3)],
    ['status.update', reply(4)],
    ['notification', mention(5)],
    ['notification', follow],
    ['conversation', talk(6)],
    ['delete', '7'],
    ['announcement', { id: '1', content: 'a' }],
  ] as const;
  const arrived = { post: 2, reply: 2, repost: 1, embedded: 1 };
  const dataOf = (data: unknown) => (typeof data === 'string' ? data : JSON.stringify(data));

  it('counts server-sent events', () => {
    const lines = events.map(([event, data]) => `event: ${event}\ndata: ${dataOf(data)}\n\n`);
    const body = `:)\n${lines.join(':thump\n')}event: filters_changed\ndata: undefined\n\n`;
    const contentType = 'text/event-stream; charset=utf-8';
    expect(mastodon.found({ target: '/api/v1/streaming/user', contentType, body })).toEqual(arrived);
  });

  it('counts messages of a WebSocket, whose payload is a string of JSON', () => {
    const messages = events.map(([event, data]) => ({ stream: ['user'], event, payload: dataOf(data) }));
    const body = [...messages, { stream: ['user'], event: 'filters_changed' }];
    const target = '/api/v1/streaming?stream=user';
    expect(mastodon.found({ target, status: 101, body })).toEqual(arrived);
  });
});

describe('activitypub', () => {
  const activitypub = new Serving('activitypub');
  const note = (id: number, more = {}) => ({
    id: `https://a.example/${id}`,
    type: 'Note',
    inReplyTo: null,
    content: 'a',
    ...more,
  });
  const create = (object: unknown) => ({
    id: 'https://a.example/c',
    type: 'Create',
    actor: 'https://a.example/ann',
    object,
  });
  const announce = (object: unknown) => ({ id: 'https://a.example/n', type: 'Announce', object });
  const page = (orderedItems: unknown) => ({ '@context': 'a', type: 'OrderedCollectionPage', orderedItems });
  const reply = note(2, { inReplyTo: 'https://b.example/1' });

  it.each<Case>([
    [
      'an outbox',
      '/users/ann/outbox?page=true',
      page([create(note(1)), create(reply), announce('https://b.example/1')]),
      { post: 1, reply: 1, repost: 1 },
    ],
    ['a whole object announced', '/outbox', page([announce(note(9))]), { repost: 1, embedded: 1 }],
    ['a list of one', '/outbox', page(create(note(1))), { post: 1 }],
    [
      'a first page inside',
      '/outbox',
      { type: 'OrderedCollection', totalItems: 1, first: page([create(note(1))]) },
      { post: 1 },
    ],
    [
      'a first page elsewhere',
      '/outbox',
      { type: 'OrderedCollection', totalItems: 9, first: 'https://a.example/p1' },
      {},
    ],
    [
      'activities whose object is elsewhere',
      '/outbox',
      page([create('https://a.example/1')]),
      { reference: 1 },
    ],
    [
      'a note',
      '/notes/1',
      note(1, { attachment: [{ type: 'Document', url: 'a.jpg' }, { type: 'PropertyValue' }] }),
      { post: 1, media: 1 },
    ],
    [
      'a note with its replies',
      '/notes/1',
      note(1, { replies: { type: 'Collection', first: { items: ['https://b.example/2', reply] } } }),
      { post: 1, reply: 1 },
    ],
    [
      'featured notes',
      '/featured',
      { type: 'OrderedCollection', orderedItems: [note(1), note(3)] },
      { post: 2 },
    ],
    ['followers', '/followers', page(['https://b.example/bob', 'https://b.example/cid']), {}],
    [
      'an actor',
      '/users/ann',
      {
        type: 'Person',
        id: 'https://a.example/ann',
        outbox: 'https://a.example/outbox',
        attachment: [{ type: 'PropertyValue' }],
      },
      {},
    ],
  ])('%s', (_name, target, body, found) => {
    const contentType = 'application/activity+json; charset=utf-8';
    expect(activitypub.found({ target, contentType, body })).toEqual(found);
  });

  it('does not count the object of an activity as one more', () => {
    const body = page([create(note(1)), create(reply), announce(note(9))]);
    const answer = { target: '/outbox', contentType: 'application/ld+json; profile="a"', body };
    expect(activitypub.count(answer, withKinds(DEFAULT_KINDS, { embedded: true })).posts).toBe(4);
  });

  it('does not count JSON of another kind', () => {
    expect(activitypub.found({ target: '/notes/1', body: note(1) })).toEqual({});
  });
});

describe('lemmy', () => {
  const lemmy = new Serving('lemmy');
  const url = (path: string) => `https://l.example/${path}`;
  const post = (id: number, more = {}) => ({
    post: { id, ap_id: url(`post/${id}`), name: 'a' },
    creator: { id: 1 },
    community: { id: 2 },
    ...more,
  });
  const comment = (id: number, of: number) => ({
    ...post(of),
    comment: { id, ap_id: url(`comment/${id}`), content: 'c' },
  });

  it.each<Case>([
    ['posts', '/api/v3/post/list?limit=50', { posts: [post(1), post(2)], next_page: 'a' }, { post: 2 }],
    ['no posts', '/api/v3/post/list', { posts: [] }, {}],
    [
      'a post',
      '/api/v3/post?id=1',
      { post_view: post(1), cross_posts: [post(5)], moderators: [{}] },
      { post: 1, embedded: 1 },
    ],
    [
      'comments',
      '/api/v3/comment/list',
      { comments: [comment(1, 7), comment(2, 7)] },
      { reply: 2, embedded: 1 },
    ],
    ['a comment', '/api/v3/comment', { comment_view: comment(1, 7) }, { reply: 1, embedded: 1 }],
    [
      'a search',
      '/api/v3/search',
      {
        type_: 'All',
        posts: [post(1)],
        comments: [comment(1, 7)],
        communities: [{ community: {} }],
        users: [{ person: {} }],
      },
      { post: 1, reply: 1, embedded: 1 },
    ],
    [
      'a person',
      '/api/v3/user',
      { person_view: { person: {} }, posts: [post(1)], comments: [comment(1, 7)] },
      { post: 1, reply: 1, embedded: 1 },
    ],
    ['an inbox', '/api/v3/user/replies', { replies: [comment(1, 7)] }, { reply: 1, embedded: 1 }],
    ['communities', '/api/v3/community/list', { communities: [{ community: {} }] }, {}],
    ['posts of v4', '/api/v4/post/list', { items: [post(1)], next_page: 'a' }, { post: 1 }],
    [
      'mixed content of v4',
      '/api/v4/person/content',
      {
        items: [
          { type_: 'post', ...post(1) },
          { type_: 'comment', ...comment(1, 7) },
        ],
      },
      { post: 1, reply: 1 },
    ],
    [
      'a search of v4',
      '/api/v4/search',
      {
        search: [
          { type_: 'post', ...post(1) },
          { type_: 'comment', ...comment(1, 7) },
          { type_: 'community', community: {} },
        ],
      },
      { post: 1, reply: 1 },
    ],
    [
      'notifications of v4',
      '/api/v4/account/notification/list',
      { items: [{ notification: {}, data: { type_: 'comment', ...comment(1, 7) } }] },
      { reply: 1 },
    ],
    ['communities of v4', '/api/v4/community/list', { items: [{ community: {} }] }, {}],
  ])('%s', (_name, target, body, found) => {
    expect(lemmy.found({ target, body })).toEqual(found);
  });

  it('counts the post that many comments hold once, and a post not again', () => {
    const body = { posts: [post(1)], comments: [comment(1, 7), comment(2, 7), comment(3, 1)] };
    const kinds = withKinds(DEFAULT_KINDS, { embedded: true });
    expect(lemmy.count({ target: '/api/v3/search', body }, kinds).posts).toBe(5);
  });

  it('does not take a comment for the post of the same number', () => {
    const body = { posts: [post(1)], comments: [comment(1, 7)] };
    expect(lemmy.different({ target: '/api/v3/search', body })).toBe(2);
  });

  it('counts feeds', () => {
    const item = (path: string) => `<item><guid>${url(path)}</guid></item>`;
    const body = `<rss version="2.0"><channel>${item('post/1')}${item('comment/1')}</channel></rss>`;
    expect(lemmy.found({ target: '/feeds/all.xml', contentType: 'application/rss+xml', body })).toEqual({
      post: 1,
      reply: 1,
    });
  });
});

describe('discourse', () => {
  const discourse = new Serving('discourse');
  const post = (number: number, more = {}) => ({
    id: 100 + number,
    post_number: number,
    post_type: 1,
    cooked: '<p>a</p>',
    ...more,
  });
  const closed = post(3, { post_type: 3, action_code: 'closed.enabled', cooked: '' });
  const topic = {
    id: 9,
    title: 'a',
    post_stream: { posts: [post(1), post(2), closed], stream: [101, 102, 103] },
    suggested_topics: [{ id: 8 }],
  };

  it.each<Case>([
    ['a topic', '/t/a-title/9.json', topic, { post: 1, reply: 1 }],
    ['a topic by its number alone', '/t/9', topic, { post: 1, reply: 1 }],
    [
      'more of its posts',
      '/t/9/posts.json?post_ids[]=2',
      { post_stream: { posts: [post(2), post(4)] } },
      { reply: 2 },
    ],
    ['the newest posts', '/posts.json', { latest_posts: [post(1), post(2)] }, { post: 1, reply: 1 }],
    ['one post', '/posts/102.json', post(2), { reply: 1 }],
    ['one by its number', '/posts/by_number/9/1.json', post(1), { post: 1 }],
    ['replies to it', '/posts/101/replies.json', [post(2), post(4)], { reply: 2 }],
    ['no replies', '/posts/101/replies.json', [], {}],
    [
      'a search',
      '/search.json?q=a',
      { posts: [{ id: 101, blurb: 'a' }], topics: [{ id: 9 }] },
      { reference: 1 },
    ],
    ['actions', '/user_actions.json', { user_actions: [{ post_id: 101, excerpt: 'a' }] }, { reference: 1 }],
    ['topics', '/latest.json', { topic_list: { topics: [{ id: 9 }] } }, {}],
  ])('%s', (_name, target, body, found) => {
    expect(discourse.found({ target, body })).toEqual(found);
  });

  it('counts the posts of a topic in plain text', () => {
    const contentType = 'text/plain; charset=utf-8';
    const post = (number: number) => `ann | 2026-11-30 10:00:0${number} UTC | #${number}\n\ntext\n\n---\n\n`;
    const body = [1, 2, 3].map(post).join('');
    expect(discourse.found({ target: '/raw/9', contentType, body })).toEqual({ post: 1, reply: 2 });
    expect(discourse.found({ target: '/raw/9/2', contentType, body: 'text' })).toEqual({ reply: 1 });
    expect(discourse.found({ target: '/raw/9', contentType, body: '' })).toEqual({});
  });

  it('counts a topic as crawlers see it, and feeds', () => {
    const html = [1, 2].map(
      (n) => `<div id="post_${n}" itemprop="comment" class="topic-body crawler-post"><p>a</p></div>`,
    );
    const contentType = 'text/html; charset=utf-8';
    expect(discourse.found({ target: '/t/a/9', contentType, body: `<body>${html.join('')}</body>` })).toEqual(
      { post: 1, reply: 1 },
    );
    const rss = '<rss version="2.0"><channel><item><guid>a</guid></item></channel></rss>';
    const feed = { contentType: 'application/rss+xml; charset=utf-8', body: rss };
    expect(discourse.found({ target: '/latest.rss', ...feed })).toEqual({ post: 1 });
    expect(discourse.found({ target: '/t/a/9.rss', ...feed })).toEqual({ reply: 1 });
  });
});
