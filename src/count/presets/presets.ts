/** All presets, by the names that `platform` takes, and the routes that they stand for. */

import { type Route, routeSchema } from '../route/schema.ts';
import { activitypub } from './activitypub.ts';
import { bluesky } from './bluesky.ts';
import { blueskyAppview } from './bluesky-appview.ts';
import { blueskyPds } from './bluesky-pds.ts';
import { discourse } from './discourse.ts';
import { feeds } from './feeds.ts';
import { instagram } from './instagram.ts';
import { jsonFeed } from './json-feed.ts';
import { lemmy } from './lemmy.ts';
import { mastodon } from './mastodon.ts';
import { anywhereLast, type Preset } from './preset.ts';
import { reddit } from './reddit.ts';
import { threads } from './threads.ts';
import { tiktokResearch } from './tiktok-research.ts';
import { tumblr } from './tumblr.ts';
import { wordpress } from './wordpress.ts';
import { wordpressCom } from './wordpress-com.ts';
import { wordpressHtml } from './wordpress-html.ts';
import { wordpressRest } from './wordpress-rest.ts';
import { wpgraphql } from './wpgraphql.ts';
import { x } from './x.ts';
import { youtube } from './youtube.ts';

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
