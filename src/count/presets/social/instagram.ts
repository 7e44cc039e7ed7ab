/** Instagram Graph API: media and comments as edges, and as expanded fields of other nodes. */

import type { PostsInput, Preset } from '../preset.ts';
import { edge, nodeAt, nodes } from './graph.ts';

function commentsAt(json: string): PostsInput {
  return [
    { json, id: 'id', kind: 'reply' },
    { json: `${json}.replies.data[*]`, id: 'id', kind: 'reply' },
  ];
}

/** Field expansion lists comments and the parts of a carousel below a post. */
function expandedIn(json: string): PostsInput {
  return [
    ...commentsAt(`${json}.comments.data[*]`),
    { json: `${json}.children.data[*]`, id: 'id', kind: 'media' },
  ];
}

function mediaAt(json: string): PostsInput {
  return [{ json, id: 'id', kind: 'post' }, ...expandedIn(json)];
}

/** A user, a post or a comment, and possible expansions of a user's fields. */
const NODE: PostsInput = [
  ...nodeAt('$'),
  { json: '$', where: 'text is present', id: 'id', kind: 'reply' },
  ...expandedIn('$'),
  ...mediaAt('$.business_discovery.media.data[*]'),
  { json: '$.media.data[*]', id: 'id', kind: 'post' },
  { json: '$.stories.data[*]', id: 'id', kind: 'post' },
  { json: '$.tags.data[*]', id: 'id', kind: 'post' },
  { json: '$.mentioned_media', id: 'id', kind: 'post' },
  { json: '$.mentioned_comment', id: 'id', kind: 'reply' },
];

const LIST = mediaAt('$.data[*]');

export const instagram: Preset = {
  name: 'instagram',
  title: 'Instagram Graph API',
  source: [
    'https://developers.facebook.com/docs/instagram-platform/reference/instagram-media/',
    'https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/business_discovery/',
    'https://developers.facebook.com/docs/graph-api/batch-requests/',
  ],
  notes: {
    post: 'Media of users, hashtags and tags, with any fields; one by its id, if more than the id was requested.',
    reply: 'Comments and their replies, as edges or expanded below a post.',
    media: 'Parts of a carousel.',
  },
  routes: [
    ...['media', 'stories', 'tags', 'live_media', 'top_media', 'recent_media'].flatMap((name) =>
      edge(name, LIST),
    ),
    ...['comments', 'replies'].flatMap((name) => edge(name, commentsAt('$.data[*]'))),
    ...edge('children', [{ json: '$.data[*]', id: 'id', kind: 'media' }]),
    ...nodes(NODE, LIST),
  ],
};
