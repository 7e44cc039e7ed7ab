/** Generalises the paths of pages that are alike into paths of routes. */

/** Segments that name one post: numbers, long ids, and words with a number or several hyphens in them. */
const NAME_OF_ONE = /^(?:\d+|[0-9a-f-]{16,}|did:.*|[^/\d]*\d[^/]*|[^/-]+(?:-[^/-]+){2,})$/i;
/** A version of an API is not the name of a post. */
const VERSION = /^v\d+(?:\.\d+)?$/i;

/** The path of a target, without a closing slash. */
export function pathOf(target: string): string {
  const path = target.replace(/[?#].*/s, '').replace(/\/+$/, '');
  return path === '' ? '/' : path;
}

/** One path for each number of segments: segments in which pages differ, or that name one post, are `*`. */
export function generalPaths(targets: readonly string[]): string[] {
  const groups = new Map<string, string[][]>();
  for (const target of targets) {
    const segments = pathOf(target).split('/').slice(1);
    // Pages under one folder are alike; at the root the first segment is all there is.
    const isFront = segments[0] === '';
    const key = isFront ? '' : `${segments.length} ${segments.length > 1 ? segments[0] : ''}`;
    groups.set(key, [...(groups.get(key) ?? []), segments]);
  }
  return [...groups.values()].map((paths) => `/${general(paths).join('/')}`);
}

function general(paths: readonly string[][]): string[] {
  return paths[0]!.map((segment, at) => {
    if (paths.some((other) => other[at] !== segment)) return '*';
    // A pattern has * for whole segments alone.
    if (segment.includes('*')) return '*';
    return NAME_OF_ONE.test(segment) && !VERSION.test(segment) && !/\.(?:json|xml|rss|atom)$/i.test(segment)
      ? '*'
      : segment;
  });
}
