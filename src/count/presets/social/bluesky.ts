/** Bluesky on one host: a PDS serves its own repositories and forwards the AppView's methods. */

import type { Preset } from '../preset.ts';
import { blueskyAppview } from './bluesky-appview.ts';
import { blueskyPds } from './bluesky-pds.ts';

export const bluesky: Preset = {
  name: 'bluesky',
  title: 'Bluesky: AppView, PDS and firehose',
  source: [...blueskyAppview.source, ...blueskyPds.source],
  notes: {
    post: 'Items of feeds, lists, searches and threads; records, alone, in repositories and in the firehose.',
    reply: 'Posts that reply to another post.',
    repost: 'Items that are in a feed because of a repost.',
    embedded: 'Quotes, the root and parent shown with a reply, posts in notifications.',
    reference:
      'Records of reposts, and results of feed generators, which name posts without containing them.',
  },
  routes: [...blueskyAppview.routes, ...blueskyPds.routes],
};
