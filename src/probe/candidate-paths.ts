/** Paths below a site's base at which platforms publish posts; a probe that starts at the front page tries them. */

export const CANDIDATE_PATHS: readonly string[] = [
  '/',
  '/wp-json/wp/v2/posts?per_page=10',
  '/wp-json/wp/v2/comments?per_page=10',
  '/?rest_route=/wp/v2/posts',
  '/feed/',
  '/feed.json',
  '/rss',
  '/atom.xml',
  '/api/v1/timelines/public?limit=10',
  '/api/v3/post/list?limit=10',
  '/posts.json',
  '/latest.json',
  '/.json?limit=10',
  '/api/recent',
  '/ghost/api/content/posts/?limit=10',
  '/items/posts?limit=10',
  '/api.php?action=query&generator=allpages&gaplimit=10&prop=revisions&rvprop=content&rvslots=main&format=json',
  '/w/api.php?action=query&generator=allpages&gaplimit=10&prop=revisions&rvprop=content&rvslots=main&format=json',
  '/api/posts?limit=10',
  '/api/v1/posts?limit=10',
  '/api/articles?limit=10',
  '/rss.xml',
  '/feed.xml',
  '/index.xml',
  '/xrpc/app.bsky.feed.searchPosts?q=the&limit=10',
];

/** The next page that a page links to, by its `Link` header (RFC 8288) or by a member of its JSON. */
export function nextTarget(base: URL, link: string, body: Uint8Array): string | null {
  const named = /<([^>]*)>\s*;[^,]*\brel\s*=\s*"?(?:[^",;]*\s)?next\b/i.exec(link)?.[1] ?? nextInJson(body);
  if (named === undefined || !URL.canParse(named, base.href)) return null;
  const next = new URL(named, base);
  // A link to another origin belongs to another platform, or is a trap.
  return next.origin === base.origin ? next.pathname + next.search : null;
}

/** A text with an invalid escape or a control character is not a JSON string, so it does not match. */
const NEXT_MEMBER =
  /"(?:next|next_url|nextUrl|next_page_url)"\s*:\s*"((?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*)"/u;
/**
 * Paging members are before or after the posts, so both ends of the body are searched, up to this many bytes each.
 */
const END_BYTES = 64 * 1024;

function nextInJson(body: Uint8Array): string | undefined {
  const ends = [body.subarray(0, END_BYTES), body.subarray(-END_BYTES)];
  for (const end of ends) {
    const found = NEXT_MEMBER.exec(new TextDecoder().decode(end))?.[1];
    if (found !== undefined) return JSON.parse(`"${found}"`) as string;
  }
  return undefined;
}
