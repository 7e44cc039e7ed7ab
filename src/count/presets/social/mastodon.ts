/** Mastodon's client API: statuses in REST responses, as server-sent events and as WebSocket messages. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

type StatusPlace = { readonly json: string; readonly inside?: string };

function below({ json, inside }: StatusPlace, way: string): StatusPlace {
  return inside === undefined ? { json: `${json}${way}` } : { json, inside: `${inside}${way}` };
}

/** A repost is a status without content around the whole reposted status. */
function statusesAt(place: StatusPlace): PostsInput {
  return [
    { ...place, where: 'reblog != null', id: 'id', kind: 'repost' },
    { ...place, where: 'in_reply_to_id != null', id: 'id', kind: 'reply' },
    { ...place, id: 'id', kind: 'post' },
    { ...below(place, '.reblog'), id: 'id', kind: 'embedded' },
    { ...below(place, '.quote.quoted_status'), id: 'id', kind: 'embedded' },
    { ...below(place, '.reblog.quote.quoted_status'), id: 'id', kind: 'embedded' },
    { ...below(place, '.media_attachments[*]'), id: 'id', kind: 'media' },
    { ...below(place, '.reblog.media_attachments[*]'), id: 'id', kind: 'media' },
  ];
}

/** A message may be a status, a notification or a conversation; only a status has a visibility. */
function arrivals(place: StatusPlace): PostsInput {
  return [
    { ...place, where: 'visibility is absent', kind: 'none' },
    ...statusesAt(place),
    ...statusesAt(below(place, '.status')),
    ...statusesAt(below(place, '.last_status')),
  ];
}

const LIST = statusesAt({ json: '$[:]' });
const ONE = statusesAt({ json: '$' });

/** Actions on a status whose response is the status. */
const ACTIONS = [
  'favourite',
  'unfavourite',
  'reblog',
  'unreblog',
  'bookmark',
  'unbookmark',
  'mute',
  'unmute',
  'pin',
  'unpin',
  'interaction_policy',
];

const ROUTES: ReadonlyArray<readonly [path: string, posts: PostsInput]> = [
  ['/api/v1/timelines/**', LIST],
  ['/api/v1/accounts/*/statuses', LIST],
  ['/api/v1/favourites', LIST],
  ['/api/v1/bookmarks', LIST],
  ['/api/v1/trends/statuses', LIST],
  ['/api/v1/statuses', LIST],
  ['/api/v1/statuses/*', ONE],
  ...ACTIONS.map((action) => [`/api/v1/statuses/*/${action}`, ONE] as const),
  // Each version of a status has its whole text.
  ['/api/v1/statuses/*/history', [{ json: '$[:]', kind: 'post' }]],
  ['/api/v1/statuses/*/quotes/*/revoke', ONE],
  ['/api/v1/statuses/*/quotes', LIST],
  [
    '/api/v1/statuses/*/context',
    [...statusesAt({ json: '$.ancestors[*]' }), ...statusesAt({ json: '$.descendants[*]' })],
  ],
  ['/api/v1/search', statusesAt({ json: '$.statuses[*]' })],
  ['/api/v2/search', statusesAt({ json: '$.statuses[*]' })],
  ['/api/v1/notifications', statusesAt({ json: '$[:].status' })],
  ['/api/v1/notifications/*', statusesAt({ json: '$.status' })],
  ['/api/v2/notifications/**', statusesAt({ json: '$.statuses[*]' })],
  ['/api/v1/conversations', statusesAt({ json: '$[:].last_status' })],
  ['/api/oembed', [{ json: '$', kind: 'reference' }]],
];

/**
 * Rails treats a POST as a GET if `_method` or X-HTTP-Method-Override says so. The response to posting a status is
 * not a list.
 */
const READING = ['GET', 'POST'];

export const mastodon: Preset = {
  name: 'mastodon',
  title: 'Mastodon API and streaming',
  source: [
    'https://docs.joinmastodon.org/entities/Status/',
    'https://docs.joinmastodon.org/methods/timelines/',
    'https://docs.joinmastodon.org/methods/streaming/',
    'https://docs.joinmastodon.org/methods/grouped_notifications/',
  ],
  notes: {
    post: 'Statuses, including those in notifications and conversations, edited ones in streams, each version in a history, and entries of feeds.',
    reply: 'Statuses that reply to another one.',
    repost: 'Boosts; each counts by its own id.',
    media: 'Attachments of statuses.',
    embedded: 'The status inside a boost, and quoted ones.',
    reference: 'oEmbed previews.',
  },
  routes: [
    {
      path: '/api/v1/streaming/**',
      name: 'mastodon events',
      format: 'sse',
      contentType: 'text/event-stream',
      events: ['update', 'status.update', 'notification', 'conversation'],
      posts: arrivals({ json: '$' }),
    },
    {
      path: '/api/v1/streaming/**',
      name: 'mastodon WebSocket',
      format: 'websocket',
      posts: arrivals({ json: '$.payload', inside: '$' }),
    },
    ...['/*', '/tags/*'].map(
      (path): RouteInput => ({
        path,
        name: 'mastodon feed',
        contentType: 'application/rss+xml',
        format: 'feed',
        posts: [{ feed: 'entry', id: 'guid', kind: 'post' }],
      }),
    ),
    ...ROUTES.map(([path, posts]): RouteInput => ({ path, methods: READING, posts })),
  ],
};
