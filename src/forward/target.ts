/** Request targets (RFC 9112, section 3.2): which can be forwarded, and as what path. */

export type Target =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'unfit'; readonly why: string };

/**
 * Origin-form passes untouched. Absolute-form is cut, not parsed, so that path and query stay untouched; where its
 * authority and the Host field differ, two readers could see two requests, so it is unfit.
 */
export function pathOf(target: string, host: string | undefined): Target {
  if (target.startsWith('/')) return { kind: 'path', path: target };
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/is.exec(target);
  if (absolute === null)
    return { kind: 'unfit', why: 'The request target is neither a path nor an http(s) URL.' };
  if (host !== undefined && absolute[1]!.toLowerCase() !== host.toLowerCase()) {
    return { kind: 'unfit', why: 'The request target and the Host field name different hosts.' };
  }
  const rest = absolute[2]!;
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
