/** All presets, by the names that `platform` takes, and the routes that they stand for. */

import { type Route, routeSchema } from '../route/schema.ts';
import { feeds } from './feeds/feeds.ts';
import { jsonFeed } from './feeds/json-feed.ts';
import { discourse } from './forums/discourse.ts';
import { lemmy } from './forums/lemmy.ts';
import { anywhereLast, type Preset } from './preset.ts';
import { wordpress } from './sites/wordpress.ts';
import { wordpressCom } from './sites/wordpress-com.ts';
import { wordpressHtml } from './sites/wordpress-html.ts';
import { wordpressRest } from './sites/wordpress-rest.ts';
import { wpgraphql } from './sites/wpgraphql.ts';
import { activitypub } from './social/activitypub.ts';
import { bluesky } from './social/bluesky.ts';
import { blueskyAppview } from './social/bluesky-appview.ts';
import { blueskyPds } from './social/bluesky-pds.ts';
import { instagram } from './social/instagram.ts';
import { mastodon } from './social/mastodon.ts';
import { reddit } from './social/reddit.ts';
import { threads } from './social/threads.ts';
import { tiktokResearch } from './social/tiktok-research.ts';
import { tumblr } from './social/tumblr.ts';
import { x } from './social/x.ts';
import { youtube } from './social/youtube.ts';

export const PRESETS: readonly Preset[] = [
  x,
  wordpress,
  wordpressRest,
  wordpressHtml,
  wordpressCom,
  wpgraphql,
  tumblr,
  reddit,
  mastodon,
  activitypub,
  bluesky,
  blueskyAppview,
  blueskyPds,
  discourse,
  lemmy,
  threads,
  instagram,
  youtube,
  tiktokResearch,
  jsonFeed,
  feeds,
];

export const PRESET_NAMES: readonly string[] = PRESETS.map(({ name }) => name);

/** The preset of this name; undefined where there is none. */
export function presetOf(name: string): Preset | undefined {
  return PRESETS.find((preset) => preset.name === name);
}

/** The routes of some presets, in the order of their names; a name that no preset has stands for none. */
export function presetRoutes(names: readonly string[]): Route[] {
  const routes = names.flatMap((name) => presetOf(name)?.routes ?? []);
  return anywhereLast(routes).map((route) => routeSchema.parse(route));
}
