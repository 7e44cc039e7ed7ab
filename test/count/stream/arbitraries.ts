/** Random frames of a stream: mostly valid ones with posts at `$.posts[*]`, some cut, some not JSON. */

import fc from 'fast-check';

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('[DONE]', 'a "quote" \\', ')]}', 'é€😀', '--b', 'x'.repeat(80)),
);
const post = fc.oneof(fc.record({ id: fc.nat(), text }), fc.constantFrom<unknown>(null, 1, 'a post', [], {}));
const sound = fc
  .record({ before: text, posts: fc.array(post, { maxLength: 4 }), after: fc.array(post, { maxLength: 2 }) })
  .map((value) => JSON.stringify(value));
const odd = fc.constantFrom(
  '{}',
  '[]',
  'null',
  'false',
  '{"posts":null}',
  '{"id":1}',
  '[1]',
  '{"posts":5}',
  '7',
);
const broken = fc.oneof(
  sound.map((json) => json.slice(0, -1)),
  sound.map((json) => `${json}}`),
  fc.constantFrom('{', '{"posts":[{}', '{"posts":[{}]} x', '{"posts":[{},]}', '{nothing}'),
);

/** One JSON text without line feeds, or what should have been one. */
export const jsonText = fc.oneof(
  { weight: 6, arbitrary: sound },
  { weight: 2, arbitrary: odd },
  { weight: 1, arbitrary: broken },
);

/** The points at which a body is cut, as fractions of its length. */
export const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 10 });

export function piecesOf(body: Uint8Array, at: readonly number[]): Uint8Array[] {
  const ends = at.map((fraction) => Math.floor(fraction * body.length)).sort((a, b) => a - b);
  return [...ends, body.length].map((end, i) => body.slice(ends[i - 1] ?? 0, end));
}
