/** YouTube Data API v3: videos and comments are `items`, and so are channels, playlists and results of a search. */

import { alsoAsScript } from '../jsonp.ts';
import type { PostsInput, Preset, RouteInput } from '../preset.ts';

const VIDEOS: PostsInput = [{ json: '$.items[*]', id: 'id', kind: 'post' }];

/** An entry of a playlist holds the whole description of its video. */
const ENTRIES: PostsInput = [
  {
    json: '$.items[*]',
    where: 'contentDetails.videoId is present',
    id: 'contentDetails.videoId',
    kind: 'post',
  },
  { json: '$.items[*]', id: 'snippet.resourceId.videoId', kind: 'post' },
];

/** Results name channels and playlists too, and hold the beginning of a description only. */
const RESULTS: PostsInput = [
  { json: '$.items[*]', where: 'id.channelId is present', kind: 'none' },
  { json: '$.items[*]', where: 'id.playlistId is present', kind: 'none' },
  { json: '$.items[*]', id: 'id.videoId', kind: 'reference' },
];

/** A thread stands for its first comment, whose id it has. */
const COMMENT_THREADS: PostsInput = [
  { json: '$.items[*]', id: 'id', kind: 'reply' },
  { json: '$.items[*].replies.comments[*]', id: 'id', kind: 'reply' },
];

const COMMENTS: PostsInput = [{ json: '$.items[*]', id: 'id', kind: 'reply' }];

/** In a batch only the items say what they are. */
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
    post: 'Videos by id, entries of playlists (whatever parts and fields are asked for), entries of the feed of a channel.',
    reply: 'Comments: each thread is its first one, and the replies that it holds.',
    reference:
      'Videos among the results of a search, and activities: they hold the beginning of a description.',
  },
  doubts: [
    'In a batch an item whose kind the client leaves out (fields=) counts nothing.',
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
