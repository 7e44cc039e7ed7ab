import { describe, expect, it } from 'vitest';
import { DEFAULT_KINDS, withKinds } from '../../../src/count/kinds.ts';
import { type Found, Serving } from './serving.ts';

const x = new Serving('x');
const post = (id: number, more = {}) => ({
  id: String(id),
  text: 't',
  edit_history_tweet_ids: [String(id)],
  ...more,
});
const quoting = { referenced_tweets: [{ type: 'quoted', id: '9' }] };

describe('x', () => {
  it.each<[string, string, unknown, Found | string]>([
    [
      'a page',
      '/2/tweets/search/recent?query=a',
      { data: [post(1), post(2)], meta: { result_count: 2 } },
      { post: 2 },
    ],
    ['an empty page has no data', '/2/users/5/tweets', { meta: { result_count: 0 } }, {}],
    [
      'posts by their ids',
      '/2/tweets?ids=1,2',
      { data: [post(1)], errors: [{ value: '2', detail: 'gone' }] },
      { post: 1 },
    ],
    ['one post', '/2/tweets/1', { data: post(1) }, { post: 1 }],
    ['one that is gone', '/2/tweets/1', { errors: [{ value: '1', title: 'Not Found Error' }] }, {}],
    ['the least fields', '/2/users/5/mentions', { data: [{ id: '1' }, { id: '2' }] }, { post: 2 }],
    [
      'a reply, where the client asks for it',
      '/2/users/5/tweets',
      { data: [post(1, { in_reply_to_user_id: '7' }), post(2)] },
      { post: 1, reply: 1 },
    ],
    [
      'what expansions add',
      '/2/users/5/timelines/reverse_chronological',
      {
        data: [post(1, quoting)],
        includes: { tweets: [post(9)], users: [{ id: '7' }], media: [{ media_key: '3_1' }] },
      },
      { post: 1, embedded: 1, media: 1 },
    ],
    ['reposts of a post', '/2/tweets/1/retweets', { data: [post(1), post(2)] }, { repost: 2 }],
    ['quotes of a post', '/2/tweets/1/quote_tweets', { data: [post(3)] }, { post: 1 }],
    ['a folder of bookmarks', '/2/users/5/bookmarks/folders/8', { data: [{ id: '1' }] }, { reference: 1 }],
    [
      'users with pinned posts',
      '/2/users/by?usernames=a',
      { data: [{ id: '7' }], includes: { tweets: [post(1)] } },
      { embedded: 1 },
    ],
    ['counts', '/2/tweets/counts/recent', { data: [{ tweet_count: 5 }, { tweet_count: 6 }] }, {}],
    ['rules of a stream', '/2/tweets/search/stream/rules', { data: [{ id: '1', value: 'cat' }] }, {}],
    ['who likes it', '/2/tweets/1/liking_users', { data: [{ id: '7', username: 'a' }] }, {}],
    ['not the promised shape', '/2/tweets/search/recent', { data: 'none' }, 'shape'],
  ])('%s', (_name, target, body, found) => {
    expect(x.found({ target, body })).toEqual(found);
  });

  it('counts a stream line by line, keep-alives and errors aside', () => {
    const lines = [
      { data: post(1), includes: { tweets: [post(9)] }, matching_rules: [{ id: '1' }] },
      { data: post(2, { in_reply_to_user_id: '7' }) },
      { errors: [{ title: 'operational-disconnect' }] },
    ];
    const body = `\r\n${lines.map((line) => `${JSON.stringify(line)}\r\n`).join('\r\n')}\r\n`;
    const found = { post: 1, reply: 1, embedded: 1 };
    expect(x.found({ target: '/2/tweets/search/stream', body })).toEqual(found);
    expect(x.found({ target: '/2/tweets/firehose/stream/lang/en', body })).toEqual(found);
    expect(x.found({ target: '/2/likes/firehose/stream', body })).toEqual({ embedded: 1 });
    expect(x.found({ target: '/2/tweets/compliance/stream', body })).toEqual({});
  });

  it('counts a post that is included beside itself once', () => {
    const body = { data: [post(1), post(2)], includes: { tweets: [post(2), post(9), post(9)] } };
    const kinds = withKinds(DEFAULT_KINDS, { embedded: true });
    expect(x.count({ target: '/2/tweets/search/all', body }, kinds).posts).toBe(3);
  });

  it('counts no post that the client has written itself', () => {
    expect(x.found({ target: '/2/tweets', method: 'POST', body: { data: { id: '1', text: 't' } } })).toEqual(
      {},
    );
  });
});
