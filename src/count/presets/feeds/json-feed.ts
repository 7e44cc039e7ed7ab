/** JSON Feed on any path, recognised by its version member. */

import type { Preset, RouteInput } from '../preset.ts';
import { FEED_MEDIA_TYPES } from './feeds.ts';

export const jsonFeed: Preset = {
  name: 'json-feed',
  title: 'JSON Feed',
  source: ['https://www.jsonfeed.org/version/1.1/'],
  notes: { post: 'Items of a feed.', media: 'Attachments of items.' },
  doubts: ['RSS and Atom are not read; the preset "feeds" reads them and JSON Feed.'],
  routes: FEED_MEDIA_TYPES.map(
    (contentType): RouteInput => ({
      path: '/**',
      name: 'json feed',
      contentType,
      format: 'feed',
      optional: true,
      posts: [
        { feed: 'item', id: 'id', kind: 'post' },
        { feed: 'attachment', id: 'url', kind: 'media' },
      ],
    }),
  ),
};
