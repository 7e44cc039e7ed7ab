/** JSON Feed, by its media type, or by the names that such feeds have where they are sent as any JSON. */

import type { PostsInput, Preset } from '../preset.ts';

const ITEMS: PostsInput = [
  { json: '$.items[*]', id: 'id', kind: 'post' },
  { json: '$.items[*].attachments[*]', id: 'url', kind: 'media' },
];

export const jsonFeed: Preset = {
  name: 'json-feed',
  title: 'JSON Feed',
  source: ['https://www.jsonfeed.org/version/1.1/'],
  notes: { post: 'Items of a feed.', media: 'Attachments of items.' },
  routes: [
    { path: '/**', name: 'json feed', contentType: 'application/feed+json', posts: ITEMS },
    ...['/feed.json', '/feed/json', '/feeds/json', '/*/feed.json', '/*/feed/json'].map((path) => ({
      path,
      contentType: 'application/json',
      posts: ITEMS,
    })),
  ],
};
