/**
 * Normalises the path of a request to the form of rules, so that no equivalent path goes uncounted: escapes, repeated
 * and trailing slashes, dot segments, path parameters, letter case.
 */

import { RouteFault } from './problem.ts';

/** Matches a normalised path. */
export type PathPattern = RegExp;

/** A segment of a rule's path: a language such as fr, pt-br or zh-hans-cn, or nothing. */
export const LANGUAGE = '/{language}';

/** The syntax of BCP 47: a language of two or three letters, with up to two subtags. `api` is not a language. */
const LANGUAGE_FORM = '(?:/(?!api(?:/|$))[a-z]{2,3}(?:[-_][a-z0-9]{2,8}){0,2})?';

const SCHEME_AND_HOST = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/** Detects a path that may need normalisation. */
const OTHER_SPELLING = /[%;\\\n\u0080-\u00ff]|\/\/|\/\.|.\/$/;

/** Compiles a rule's path. @throws {RouteFault} with the fix. */
export function parsePattern(path: string): PathPattern {
  const segments = spell(path).split('/').slice(1);
  let form = '';
  for (const [index, segment] of segments.entries()) {
    if (segment === '**') {
      if (index !== segments.length - 1)
        throw new RouteFault(`"${path}": ** matches the rest of the path, so it must come last`);
      form += '(?:/.*)?';
    } else if (segment === '*') form += '/[^/]+';
    else if (`/${segment}` === LANGUAGE) form += LANGUAGE_FORM;
    else if (segment.includes('*'))
      throw new RouteFault(`"${path}": * matches a whole segment; put it between two slashes`);
    else form += `/${segment.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}`;
  }
  // Many servers ignore letter case. On the others, another case is a 404 without posts.
  return new RegExp(`^${form}$`, 'isu');
}

/** The path of a request's target, as it was sent. */
export function pathnameOf(target: string): string {
  const path = target.charCodeAt(0) === 0x2f ? target : target.replace(SCHEME_AND_HOST, '');
  const fragment = path.indexOf('#');
  const whole = fragment === -1 ? path : path.slice(0, fragment);
  const query = whole.indexOf('?');
  return query === -1 ? whole : whole.slice(0, query);
}

/** The query of a request's target, as it was sent, without the question mark. */
export function queryOf(target: string): string {
  const start = target.indexOf('?');
  if (start === -1) return '';
  const end = target.indexOf('#', start);
  return target.slice(start + 1, end === -1 ? undefined : end);
}

/** The normalised paths that rules may match: only some servers treat an escaped slash as a separator. */
export function normalPathsOf(pathname: string): string[] {
  if (!OTHER_SPELLING.test(pathname)) return [pathname];
  const escaped = escapeBytes(pathname);
  const dividing = spell(escaped);
  if (!/%(?:2f|5c)/i.test(escaped)) return [dividing];
  return [dividing, spell(escaped.replace(/%(?:2f|5c)/gi, '\uffff'))];
}

/** Bytes that should have been escaped are one character each in a target (Latin-1). */
function escapeBytes(target: string): string {
  return target.replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
}

function spell(path: string): string {
  const spelled: string[] = [];
  // The `$` of many servers' patterns (PCRE, Python) ignores a line feed at the end.
  for (const segment of decodeEscapes(path)
    .replace(/\n$/, '')
    .split(/[/\\]+/)) {
    const name = withoutParameters(segment);
    if (name === '..') spelled.pop();
    else if (name !== '.' && name !== '') spelled.push(name);
  }
  return `/${spelled.join('/')}`;
}

/**
 * `/posts;v=1` is `/posts` for servers that support path parameters (RFC 3986, section 3.3), and not found for
 * others.
 */
function withoutParameters(segment: string): string {
  const at = segment.indexOf(';');
  return at === -1 ? segment : segment.slice(0, at);
}

/** Decodes every escape once. Bytes that are not UTF-8 stay escaped, in capital letters. */
export function decodeEscapes(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch (error) {
      if (!(error instanceof URIError)) throw error;
      return escapes.toUpperCase();
    }
  });
}
