/** The nodes that a URL of Redis names: one for a single server, one or several for a Cluster. */

/**
 * URLs with `redis:` or `rediss:`, in the order in which they are named. The nodes of a Cluster are separated by commas,
 * which no parser of URLs takes; all but the first may leave the scheme out.
 */
export function redisNodes(url: string): [string, ...string[]] {
  const [first = '', ...others] = url.replace('+cluster', '').split(',');
  const scheme = first.slice(0, first.indexOf('://') + 3);
  return [first, ...others.map((node) => (node.includes('://') ? node : `${scheme}${node}`))];
}
