/** Generalises the paths of similar pages into paths of routes. */

/** Segments that name one post: numbers, long ids, and words with a number or several hyphens. */
const NAME_OF_ONE = /^(?:\d+|[0-9a-f-]{16,}|did:.*|[^/\d]*\d[^/]*|[^/-]+(?:-[^/-]+){2,})$/i;
/** A version of an API is not the name of a post. */
const VERSION = /^v\d+(?:\.\d+)?$/i;

/** The path of a target, without a closing slash. */
export function pathOfTarget(target: string): string {
  const path = target.replace(/[?#].*/s, '').replace(/\/+$/, '');
  return path === '' ? '/' : path;
}

/** One path for each number of segments. Segments that differ between pages or name one post become `*`. */
export function generalPaths(targets: readonly string[]): string[] {
  const groups = new Map<string, string[][]>();
  for (const target of targets) {
    const segments = pathOfTarget(target).split('/').slice(1);
    // Pages in one folder are similar; at the root only the first segment exists.
    const isFront = segments[0] === '';
    const key = isFront ? '' : `${segments.length} ${segments.length > 1 ? segments[0] : ''}`;
    groups.set(key, [...(groups.get(key) ?? []), segments]);
  }
  return [...groups.values()].map((paths) => `/${general(paths).join('/')}`);
}

function general(paths: readonly string[][]): string[] {
  return paths[0]!.map((segment, at) => {
    if (paths.some((other) => other[at] !== segment)) return '*';
    // A pattern supports * for whole segments only.
    if (segment.includes('*')) return '*';
    return NAME_OF_ONE.test(segment) && !VERSION.test(segment) && !/\.(?:json|xml|rss|atom)$/i.test(segment)
      ? '*'
      : segment;
  });
}
