/** Request targets as the log may show them. */

/**
 * A request target for the log: its path, and of its query the names alone. Clients may send their key in a parameter,
 * and what the platform takes for one is not known here.
 */
export function loggedTarget(target: string): string {
  const queryAt = target.indexOf('?');
  if (queryAt < 0) return target;
  const names = target
    .slice(queryAt + 1)
    .split('&')
    .map((pair) => pair.replace(/=.*/s, '=...'));
  return `${target.slice(0, queryAt)}?${names.join('&')}`;
}
