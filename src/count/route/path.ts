/**
 * Brings the path of a request into the one spelling that rules are written in, so that no other spelling of the
 * same resource goes uncounted: escapes, doubled and closing slashes, dot segments, path parameters, letter case.
 */

/** Fits a path in the one spelling. */
export type PathPattern = RegExp;

/** As the segment of a rule's path: a language such as fr, pt-br or zh-hans-cn, or nothing. */
export const LANGUAGE = '/{language}';

/** The shape of BCP 47: a language of two or three letters, with up to two subtags. `api` is not a language. */
const LANGUAGE_FORM = '(?:/(?!api(?:/|$))[a-z]{2,3}(?:[-_][a-z0-9]{2,8}){0,2})?';

const SCHEME_AND_HOST = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/** Whether a path may be spelled otherwise than rules are. */
const OTHER_SPELLING = /[%;\\\n\u0080-\u00ff]|\/\/|\/\.|.\/$/;

/** Reads a rule's path; a text is what is wrong with it, with the mend. */
export function parsePattern(path: string): PathPattern | string {
  const segments = spell(path).split('/').slice(1);
  let form = '';
  for (const [index, segment] of segments.entries()) {
    if (segment === '**') {
      if (index !== segments.length - 1) return `"${path}": ** stands for the rest, so it must come last`;
      form += '(?:/.*)?';
    } else if (segment === '*') form += '/[^/]+';
    else if (`/${segment}` === LANGUAGE) form += LANGUAGE_FORM;
    else if (segment.includes('*'))
      return `"${path}": * stands for a whole segment; write it between two slashes`;
    else form += `/${segment.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}`;
  }
  // Many servers ignore letter case. On one that does not, another case is a 404 with no posts.
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

/** The spellings that rules may fit: an escaped slash divides segments for some servers and not for others. */
export function spellingsOf(pathname: string): string[] {
  if (!OTHER_SPELLING.test(pathname)) return [pathname];
  const escaped = escapeBytes(pathname);
  const dividing = spell(escaped);
  if (!/%(?:2f|5c)/i.test(escaped)) return [dividing];
  return [dividing, spell(escaped.replace(/%(?:2f|5c)/gi, '\uffff'))];
}

/** Bytes that should have been escaped stand in a target as one character each (Latin-1). */
function escapeBytes(target: string): string {
  return target.replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
}

function spell(path: string): string {
  const spelled: string[] = [];
  // To the `$` of many servers' patterns (PCRE, Python) a line feed at the end is not there.
  for (const segment of decodeEscapes(path)
    .replace(/\n$/, '')
    .split(/[/\\]+/)) {
    const name = withoutParameters(segment);
    if (name === '..') spelled.pop();
    else if (name !== '.' && name !== '') spelled.push(name);
  }
  return `/${spelled.join('/')}`;
}

/** `/posts;v=1` is `/posts` to servers that know path parameters (RFC 3986 3.3), and not found to others. */
function withoutParameters(segment: string): string {
  const at = segment.indexOf(';');
  return at === -1 ? segment : segment.slice(0, at);
}

/** Undoes every escape once. What is no UTF-8 stays as it was, in capital letters. */
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
