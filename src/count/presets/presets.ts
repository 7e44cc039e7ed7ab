/** All presets by the names that `platform` accepts, and their routes. */

import { type Route, routeSchema } from '../route/schema.ts';
import { feeds } from './feeds/feeds.ts';
import { jsonFeed } from './feeds/json-feed.ts';
import { discourse } from './forums/discourse.ts';
import { lemmy } from './forums/lemmy.ts';
import { nodebb } from './forums/nodebb.ts';
import { baseOf, placed, type Site } from './place.ts';
import { isAnywhere, type Preset, type RouteInput } from './preset.ts';
import { directus } from './sites/directus.ts';
import { ghost } from './sites/ghost.ts';
import { mediawiki } from './sites/mediawiki.ts';
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
  ghost,
  directus,
  mediawiki,
  tumblr,
  reddit,
  mastodon,
  activitypub,
  bluesky,
  blueskyAppview,
  blueskyPds,
  discourse,
  nodebb,
  lemmy,
  threads,
  instagram,
  youtube,
  tiktokResearch,
  jsonFeed,
  feeds,
];

export const PRESET_NAMES: readonly string[] = PRESETS.map(({ name }) => name);

/** The preset of this name; undefined if there is none. */
export function presetOf(name: string): Preset | undefined {
  return PRESETS.find((preset) => preset.name === name);
}

/** Ranks routes by how little they read of bodies on any path; those that read less come later. */
function readsLess({ optional, posts }: RouteInput): number {
  if (optional !== true) return 0;
  return posts !== 'none' && posts.some((entry) => 'feed' in entry && entry.feed === 'entry') ? 1 : 2;
}

/**
 * The routes of several platforms. Sites with the longest base come first; otherwise the order of the platforms
 * applies. An unknown name contributes no routes.
 */
export function presetRoutes(sites: readonly Site[]): Route[] {
  const inOrder = sites.toSorted((a, b) => baseOf(b).length - baseOf(a).length);
  const routes = inOrder.flatMap((site) => {
    const preset = presetOf(typeof site === 'string' ? site : site.name);
    return (preset?.routes ?? []).map((route) => ({ route, base: baseOf(site) }));
  });
  const last = routes
    .filter(({ route }) => isAnywhere(route))
    .toSorted((a, b) => b.base.length - a.base.length || readsLess(a.route) - readsLess(b.route));
  const first = routes.filter(({ route }) => !isAnywhere(route));
  return [...first, ...last].map(({ route, base }) => routeSchema.parse(placed(route, base)));
}
