/** Request targets (RFC 9112, section 3.2): which can be forwarded, and as what path. */

export type Target =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'unfit'; readonly why: string };

/**
 * Origin-form is forwarded untouched. Absolute-form is cut, not parsed, so that path and query stay untouched. It is
 * unfit if it has user information (RFC 9110, section 4.2.4), or if it names another host than the Host field, because
 * two readers could then see two requests. A port that is the scheme's default may be left out in either of them.
 */
export function pathOf(target: string, host: string | undefined): Target {
  if (target.startsWith('/')) return { kind: 'path', path: target };
  const absolute = /^(https?):\/\/([^/?#]*)(.*)/is.exec(target);
  if (absolute === null)
    return { kind: 'unfit', why: 'The request target is neither a path nor an http(s) URL.' };
  const [, scheme, authority, rest] = absolute as unknown as [string, string, string, string];
  if (authority.includes('@')) {
    return { kind: 'unfit', why: 'The request target has user information before its host.' };
  }
  const defaultPort = scheme.toLowerCase() === 'https' ? ':443' : ':80';
  if (host !== undefined && withoutPort(authority, defaultPort) !== withoutPort(host, defaultPort)) {
    return { kind: 'unfit', why: 'The request target and the Host field name different hosts.' };
  }
  return { kind: 'path', path: rest.startsWith('/') ? rest : `/${rest}` };
}

/** Path and query without parameters, given as they were sent. */
export function withoutParameters(path: string, parameters: readonly string[]): string {
  const at = path.indexOf('?');
  if (at === -1) return path;
  const kept = path
    .slice(at + 1)
    .split('&')
    .filter((pair) => !parameters.includes(pair));
  return kept.length === 0 ? path.slice(0, at) : `${path.slice(0, at)}?${kept.join('&')}`;
}

/** In lower case, for comparison alone. An empty port is the default one too (RFC 3986, section 6.2.3). */
function withoutPort(authority: string, defaultPort: string): string {
  const lower = authority.toLowerCase();
  if (lower.endsWith(defaultPort)) return lower.slice(0, -defaultPort.length);
  return lower.endsWith(':') ? lower.slice(0, -1) : lower;
}
