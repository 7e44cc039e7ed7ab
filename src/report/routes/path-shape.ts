/** The shape of a path: the path without its query and without segments that name a person or a single post. */

export const ID = '{id}';
const MAX_SEGMENTS = 8;
const MAX_SEGMENT_LENGTH = 32;

/** `/2/tweets`: a short number in front is an API version. */
const VERSION = /^\d{1,2}$/;
const PLAIN = /^[A-Za-z0-9._~-]+$/;
/** A number, a hexadecimal or mixed id, or a slug of several words. Group 1 is a file extension, which is kept. */
const ID_LIKE =
  /^(?:\d+|[0-9a-fA-F-]{8,}|(?=[^.]*\d)[A-Za-z0-9_-]{8,}|[^.-]*-[^.-]*-[^.]*)(\.[A-Za-z]{1,8})?$/;

/** Returns at most 8 segments of at most 32 characters. `target` may have a query or a fragment. */
export function pathShape(target: string): string {
  const end = target.search(/[?#]/);
  const segments = (end === -1 ? target : target.slice(0, end)).split('/');
  const kept = segments.slice(1, MAX_SEGMENTS + 1).map(segmentShape);
  if (segments.length > MAX_SEGMENTS + 1) kept.push('...');
  return `/${kept.join('/')}`;
}

function segmentShape(segment: string, index: number): string {
  if (segment === '' || (index === 0 && VERSION.test(segment))) return segment;
  if (segment.startsWith('@')) return `@${ID}`;
  if (segment.length > MAX_SEGMENT_LENGTH || !PLAIN.test(segment)) return ID;
  const like = ID_LIKE.exec(segment);
  return like === null ? segment : `${ID}${like[1] ?? ''}`;
}
