/** YouTube Data API v3: videos and comments are `items`, and so are channels, playlists and search results. */

import { alsoAsScript } from '../jsonp.ts';
import type { PostsInput, Preset, RouteInput } from '../preset.ts';

const VIDEOS: PostsInput = [{ json: '$.items[*]', id: 'id', kind: 'post' }];

/** An entry of a playlist contains the whole description of its video. */
const ENTRIES: PostsInput = [
  {
    json: '$.items[*]',
    where: 'contentDetails.videoId is present',
    id: 'contentDetails.videoId',
    kind: 'post',
  },
  { json: '$.items[*]', id: 'snippet.resourceId.videoId', kind: 'post' },
];

/** Results include channels and playlists, and contain only the beginning of a description. */
const RESULTS: PostsInput = [
  { json: '$.items[*]', where: 'id.channelId is present', kind: 'none' },
  { json: '$.items[*]', where: 'id.playlistId is present', kind: 'none' },
  { json: '$.items[*]', id: 'id.videoId', kind: 'reference' },
];

/** A thread has the id of its first comment and counts as that comment. */
const COMMENT_THREADS: PostsInput = [
  { json: '$.items[*]', id: 'id', kind: 'reply' },
  { json: '$.items[*].replies.comments[*]', id: 'id', kind: 'reply' },
];

const COMMENTS: PostsInput = [{ json: '$.items[*]', id: 'id', kind: 'reply' }];

/** In a batch only the items show what they are. */
const BATCHED: PostsInput = [
  { json: '$.items[*]', where: 'kind == "youtube#video"', id: 'id', kind: 'post' },
  {
    json: '$.items[*]',
    where: 'kind == "youtube#playlistItem"',
    id: 'snippet.resourceId.videoId',
    kind: 'post',
  },
  {
    json: '$.items[*]',
    where: 'kind in ["youtube#commentThread", "youtube#comment"]',
    id: 'id',
    kind: 'reply',
  },
  { json: '$.items[*]', where: 'id.videoId is present', id: 'id.videoId', kind: 'reference' },
  { json: '$.items[*].replies.comments[*]', id: 'id', kind: 'reply' },
];

const ROUTES: ReadonlyArray<readonly [resource: string, posts: PostsInput]> = [
  ['videos', VIDEOS],
  ['liveBroadcasts', VIDEOS],
  ['playlistItems', ENTRIES],
  ['search', RESULTS],
  ['activities', [{ json: '$.items[*]', id: 'contentDetails.upload.videoId', kind: 'reference' }]],
  ['commentThreads', COMMENT_THREADS],
  ['comments', COMMENTS],
];

export const youtube: Preset = {
  name: 'youtube',
  title: 'YouTube Data API v3',
  source: [
    'https://developers.google.com/youtube/v3/docs',
    'https://developers.google.com/youtube/v3/docs/commentThreads',
    'https://developers.google.com/youtube/v3/guides/push_notifications',
  ],
  notes: {
    post: 'Videos by id, entries of playlists (with any parts and fields), entries of channel feeds.',
    reply: 'Comments: the first comment of each thread, and its replies.',
    reference: 'Videos among search results, and activities, which contain the beginning of a description.',
  },
  doubts: [
    'In a batch an item counts nothing if the client omits its kind (fields=).',
    'Messages of a live chat count nothing.',
  ],
  routes: [
    ...ROUTES.map(
      ([resource, posts]): RouteInput => ({ path: `/youtube/v3/${resource}`, methods: ['GET'], posts }),
    ).flatMap(alsoAsScript),
    {
      path: '/batch/**',
      name: 'youtube batch',
      methods: ['POST'],
      contentType: 'multipart/mixed',
      format: 'multipart',
      posts: BATCHED,
    },
    {
      path: '/feeds/videos.xml',
      name: 'youtube channel feed',
      methods: ['GET'],
      format: 'feed',
      posts: [{ feed: 'entry', id: 'yt:videoId', kind: 'post' }],
    },
  ],
};
