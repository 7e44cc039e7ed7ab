/** Redacts request targets for the log. */

/**
 * Returns the target with the values of its query removed. Clients may send their key in a parameter, and we do not know
 * which parameters the platform uses for keys.
 */
export function redactTarget(target: string): string {
  const queryAt = target.indexOf('?');
  if (queryAt < 0) return target;
  const names = target
    .slice(queryAt + 1)
    .split('&')
    .map((pair) => pair.replace(/=.*/s, '=...'));
  return `${target.slice(0, queryAt)}?${names.join('&')}`;
}
