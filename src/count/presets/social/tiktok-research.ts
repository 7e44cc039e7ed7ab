/** TikTok Research API v2: all requests are POST, and each method has its own list below `data`. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

const METHODS: ReadonlyArray<readonly [path: string, posts: PostsInput]> = [
  ['video/query', [{ json: '$.data.videos[*]', id: 'id', kind: 'post' }]],
  ['user/liked_videos', [{ json: '$.data.user_liked_videos[*]', id: 'id', kind: 'post' }]],
  [
    'user/pinned_videos',
    // The documentation uses both names for the list.
    [
      { json: '$.data.pinned_videos_list[*]', id: 'id', kind: 'post' },
      { json: '$.data.user_pinned_videos[*]', id: 'id', kind: 'post' },
    ],
  ],
  [
    'user/reposted_videos',
    [
      { json: '$.data.user_reposted_videos[*]', id: 'id', kind: 'repost' },
      { json: '$.data.reposted_videos[*]', id: 'id', kind: 'repost' },
    ],
  ],
  ['video/comment/list', [{ json: '$.data.comments[*]', id: 'id', kind: 'reply' }]],
];

export const tiktokResearch: Preset = {
  name: 'tiktok-research',
  title: 'TikTok Research API v2',
  source: [
    'https://developers.tiktok.com/doc/research-api-specs-query-videos',
    'https://developers.tiktok.com/doc/research-api-specs-query-video-comments',
    'https://developers.tiktok.com/doc/research-api-specs-query-user-liked-videos',
    'https://developers.tiktok.com/doc/research-api-specs-query-user-pinned-videos',
    'https://developers.tiktok.com/doc/research-api-specs-query-user-reposted-videos',
  ],
  notes: {
    post: 'Videos of a query, liked and pinned ones, with any fields.',
    reply: 'Comments.',
    repost: 'Videos that a user has reposted.',
  },
  routes: METHODS.map(
    ([path, posts]): RouteInput => ({ path: `/v2/research/${path}`, methods: ['POST'], posts }),
  ),
};
