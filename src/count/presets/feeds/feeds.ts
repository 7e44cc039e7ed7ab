/** RSS 0.9x, 1.0 and 2.0, Atom and JSON Feed on any path, recognised by their root element or version member. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

/** RSS 2.0 and Atom have an id element each; in the other versions the link serves as the id. */
const ENTRY_ID = 'guid|id|@rdf:about|link';

const ENTRIES: PostsInput = [
  // RFC 4685, and the ids that WordPress and others use in comment feeds.
  { feed: 'entry', where: 'thr:in-reply-to is present', id: ENTRY_ID, kind: 'reply' },
  { feed: 'entry', where: 'guid contains "#comment-"', id: ENTRY_ID, kind: 'reply' },
  { feed: 'entry', where: 'id contains "#comment-"', id: ENTRY_ID, kind: 'reply' },
  { feed: 'entry', id: ENTRY_ID, kind: 'post' },
];

/** Servers send feeds as XML, HTML, plain text, JSON and bytes: a body whose root is not a feed holds no entries. */
export const FEED_MEDIA_TYPES = ['application/*', 'text/*'];

export const feeds: Preset = {
  name: 'feeds',
  title: 'RSS, Atom and JSON Feed',
  source: [
    'https://www.rssboard.org/rss-specification',
    'https://web.resource.org/rss/1.0/spec',
    'https://www.rfc-editor.org/rfc/rfc4287',
    'https://www.rfc-editor.org/rfc/rfc4685',
    'https://www.jsonfeed.org/version/1.1/',
  ],
  notes: {
    post: 'Entries of a feed.',
    reply: 'Entries that reply to another one (thr:in-reply-to), or whose id is the address of a comment.',
  },
  doubts: [
    'A comment feed with neither mark counts as a feed of posts: add a route for its path.',
    'A feed under the media type of an image, a font, audio or video, or without one, counts nothing.',
  ],
  routes: FEED_MEDIA_TYPES.map(
    (contentType): RouteInput => ({
      path: '/**',
      name: 'feed',
      contentType,
      format: 'feed',
      optional: true,
      posts: ENTRIES,
    }),
  ),
};
