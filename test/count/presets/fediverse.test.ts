/** What servers of the fediverse send beside their lists of statuses. */

import { describe, expect, it } from 'vitest';
import { DEFAULT_KINDS, withKinds } from '../../../src/count/kinds.ts';
import { type Found, Serving } from './serving.ts';

describe('activities around objects', () => {
  const activitypub = new Serving('activitypub');
  const contentType = 'application/activity+json';
  const note = (id: number, more = {}) => ({
    id: `https://a.example/${id}`,
    type: 'Note',
    content: 'a',
    ...more,
  });
  const create = (object: object, id = 9) => ({ id: `https://a.example/c${id}`, type: 'Create', object });
  const announce = (object: unknown) => ({ id: 'https://a.example/a1', type: 'Announce', object });
  const outbox = (...orderedItems: object[]) => ({
    target: '/outbox',
    contentType,
    body: { type: 'OrderedCollectionPage', orderedItems },
  });
  const reply = { inReplyTo: 'https://b.example/1' };

  it('counts the object of each Create once, also while copies count and replies do not', () => {
    const answer = outbox(create(note(1)), create(note(2, reply)), create(note(3, reply)));
    const kinds = (more: object) => withKinds(DEFAULT_KINDS, { embedded: true, ...more });
    expect(activitypub.count(answer, kinds({ reply: false })).posts).toBe(1);
    expect(activitypub.count(answer, kinds({ post: false, reply: false })).posts).toBe(0);
    expect(activitypub.count(answer, kinds({})).posts).toBe(3);
  });

  it.each<[string, object[], Found]>([
    [
      'a post of a forum',
      [announce(create({ id: 'https://a.example/p', type: 'Page', name: 'a' }))],
      { post: 1 },
    ],
    ['a comment of a forum', [announce(create(note(1, reply)))], { reply: 1 }],
    ['a post that is passed on', [announce(note(1))], { repost: 1, embedded: 1 }],
    ['a post that is passed on by its address', [announce('https://b.example/1')], { repost: 1 }],
    [
      'a vote that a forum announces',
      [announce({ type: 'Like', object: 'https://b.example/1' })],
      { repost: 1 },
    ],
  ])('%s', (_, items, found) => {
    expect(activitypub.found(outbox(...items))).toEqual(found);
  });

  const forum = 'https://a.example/c/cats';
  const passedOn = { repost: 1, embedded: 1 };
  it.each<[string, unknown, unknown, Found]>([
    ['its own post', forum, note(1), { post: 1 }],
    ['its own comment', forum, note(1, reply), { reply: 1 }],
    ['its own post, itself whole', { type: 'Group', id: forum }, note(1), { post: 1 }],
    ['its own post, with the usual port', 'https://A.example:443/c/cats', note(1), { post: 1 }],
    ['its own post that it created', forum, create(note(1)), { post: 1 }],
    ['its own comment that it created', forum, create(note(1, reply)), { reply: 1 }],
    ['its own post by its address', forum, note(1).id, { repost: 1 }],
    ['a post of another server', 'https://b.example/c/cats', note(1), passedOn],
    ['a post of another scheme', 'http://a.example/c/cats', note(1), passedOn],
    ['a post of another port', 'https://a.example:8443/c/cats', note(1), passedOn],
    ['a post of a server whose name begins so', 'https://a.example.org/c/cats', note(1), passedOn],
    ['a post, without an actor', undefined, note(1), passedOn],
    ['a post, with an actor that is no address', 'cats', note(1), passedOn],
    ['a post without an id', forum, { type: 'Note', content: 'a' }, { repost: 1 }],
    ['a vote', forum, { ...note(1), type: 'Like', object: 'https://b.example/1' }, { repost: 1 }],
  ])('%s that a forum announces, in all places', (_, actor, object, found) => {
    const activity = { ...announce(object), actor };
    const inFront = { object: activity.object, actor, id: activity.id, type: activity.type };
    const collection = (more: object) => ({ type: 'Collection', ...more });
    for (const body of [
      activity,
      inFront,
      collection({ items: [activity] }),
      collection({ items: activity }),
      collection({ orderedItems: [inFront] }),
      collection({ orderedItems: activity }),
    ]) {
      expect(activitypub.found({ target: '/a', contentType, body })).toEqual(found);
    }
  });

  it('loses no post of a forum if reposts do not count', () => {
    const own = [{ ...announce(note(1)), actor: forum }, announce(create(note(2)))];
    const kinds = withKinds(DEFAULT_KINDS, { repost: false });
    expect(activitypub.count(outbox(...own, announce('https://b.example/1')), kinds).posts).toBe(2);
  });
});

describe('mastodon', () => {
  const mastodon = new Serving('mastodon');
  const status = (id: number, more = {}) => ({
    id: `${id}`,
    content: 'a',
    visibility: 'public',
    media_attachments: [],
    ...more,
  });

  it.each<[string, string, unknown, Found]>([
    ['favourite', '/api/v1/statuses/1/favourite', status(1), { post: 1 }],
    ['reblog', '/api/v1/statuses/1/reblog', status(2, { reblog: status(1) }), { repost: 1, embedded: 1 }],
    ['unreblog', '/api/v1/statuses/1/unreblog', status(1), { post: 1 }],
    ['bookmark', '/api/v1/statuses/1/bookmark', status(1, { in_reply_to_id: '7' }), { reply: 1 }],
    ['mute', '/api/v1/statuses/1/mute', status(1), { post: 1 }],
  ])('answers %s with the status', (_, target, body, found) => {
    expect(mastodon.found({ target, method: 'POST', body })).toEqual(found);
  });

  it('counts each version in the history of a status', () => {
    const body = [
      { content: 'a', created_at: '2026-11-30T10:00:00Z' },
      { content: 'b', created_at: '2026-11-30T11:00:00Z' },
    ];
    expect(mastodon.found({ target: '/api/v1/statuses/1/history', body })).toEqual({ post: 2 });
  });

  it.each(['/@ann.rss', '/tags/cats.rss'])('counts the feed at %s', (target) => {
    const body =
      '<rss version="2.0"><channel><item><guid>a</guid></item><item><guid>b</guid></item></channel></rss>';
    const contentType = 'application/rss+xml; charset=utf-8';
    expect(mastodon.found({ target, contentType, body })).toEqual({ post: 2 });
  });
});
