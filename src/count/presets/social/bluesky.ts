/** Bluesky as one host shows it: a PDS answers for its own repositories and passes the AppView's methods on. */

import type { Preset } from '../preset.ts';
import { blueskyAppview } from './bluesky-appview.ts';
import { blueskyPds } from './bluesky-pds.ts';

export const bluesky: Preset = {
  name: 'bluesky',
  title: 'Bluesky: AppView, PDS and firehose',
  source: [...blueskyAppview.source, ...blueskyPds.source],
  notes: {
    post: 'Items of feeds, lists, searches and threads; records, alone, in repositories and in the firehose.',
    reply: 'Those that answer another post.',
    repost: 'Items that stand in a feed because somebody passed them on.',
    embedded: 'Quotes, the root and parent that a reply is shown with, posts that notifications tell of.',
    reference:
      'Records of reposts, and what feed generators answer with: they name posts and do not hold them.',
  },
  routes: [...blueskyAppview.routes, ...blueskyPds.routes],
};
