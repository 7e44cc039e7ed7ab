/** Request targets (RFC 9112, section 3.2): decides which can be forwarded, and as which path. */

export type Target =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'unfit'; readonly why: string };

/**
 * An origin-form target is forwarded unchanged. An absolute-form target is cut rather than parsed, so path and query
 * stay unchanged. It is rejected if it has user information (RFC 9110, section 4.2.4) or names another host than the
 * Host field, because two parsers could then see two requests. Either may omit the scheme's default port.
 */
export function pathOf(target: string, host: string | undefined): Target {
  if (target.startsWith('/')) return ofPath(target);
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
  return ofPath(rest.startsWith('/') ? rest : `/${rest}`);
}

/** Some servers read a backslash in the path as a slash, so it could name a path that is not counted. */
function ofPath(path: string): Target {
  const at = path.indexOf('\\');
  if (at === -1) return { kind: 'path', path };
  const queryAt = path.indexOf('?');
  if (queryAt !== -1 && queryAt < at) return { kind: 'path', path };
  return { kind: 'unfit', why: 'The request path has a backslash; write %5C instead.' };
}

/** Path and query without the given parameters, which are named as they were sent. */
export function withoutParameters(path: string, parameters: readonly string[]): string {
  const at = path.indexOf('?');
  if (at === -1) return path;
  const kept = path
    .slice(at + 1)
    .split('&')
    .filter((pair) => !parameters.includes(pair));
  return kept.length === 0 ? path.slice(0, at) : `${path.slice(0, at)}?${kept.join('&')}`;
}

/** Lower-cases the authority for comparison. An empty port is the default port (RFC 3986, section 6.2.3). */
function withoutPort(authority: string, defaultPort: string): string {
  const lower = authority.toLowerCase();
  if (lower.endsWith(defaultPort)) return lower.slice(0, -defaultPort.length);
  return lower.endsWith(':') ? lower.slice(0, -1) : lower;
}
