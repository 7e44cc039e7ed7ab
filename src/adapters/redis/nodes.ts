/** The nodes in a Redis URL: one for a single server, one or more for a Cluster. */

/**
 * Returns URLs with `redis:` or `rediss:`, in the given order. The nodes of a Cluster are separated by commas,
 * which no URL parser accepts. All but the first may omit the scheme.
 */
export function redisNodes(url: string): [string, ...string[]] {
  const [first = '', ...others] = url.replace('+cluster', '').split(',');
  const scheme = first.slice(0, first.indexOf('://') + 3);
  return [first, ...others.map((node) => (node.includes('://') ? node : `${scheme}${node}`))];
}
