/** Random bodies, rules and cuts for the scanner's property tests: few names, so that paths often fit. */

import fc from 'fast-check';
import type { Step } from '../../../src/count/json/path.ts';
import type { PostSelector } from '../../../src/count/json/plan.ts';
import type { Where } from '../../../src/count/where.ts';
import type { Json } from './slow-count.ts';

/** Names with quotes, backslashes, brackets, two-, three- and four-byte characters, and one longer than 32 bytes. */
const NAMES = ['data', 'kind', 'a"b\\', 'é€😀', '{[', 'x'.repeat(40), ''];
const TEXTS = ['t3', '', '}]"\\', 'ä'.repeat(30), '\u0000\n😀', 'a\\"'.repeat(20)];

const name = fc.constantFrom(...NAMES);
const leaf = fc.oneof(
  fc.constantFrom<Json>(null, false, true, 0, 1, -1.5e10, 12345678901),
  fc.constantFrom<Json>(...TEXTS),
);

export const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>({ kind: 'any' }),
  name.map((text): Step => ({ kind: 'name', name: text })),
);

const literal = fc.constantFrom('t3', '', 'é€😀', TEXTS[5]!, 1, -1.5e10, true, null);

const where: fc.Arbitrary<Where> = fc.record({
  kind: fc.constant('equals' as const),
  member: fc.array(name, { minLength: 1, maxLength: 2 }),
  negated: fc.boolean(),
  literals: fc.array(literal, { minLength: 1, maxLength: 3 }),
});

const selector: fc.Arbitrary<PostSelector> = fc
  .record({ path: fc.array(step, { maxLength: 3 }), where: fc.option(where, { nil: undefined }) })
  .map(({ path, where }) => (where === undefined ? { path, rule: 0 } : { path, where, rule: 0 }));

export const selectors = fc.array(selector, { minLength: 1, maxLength: 3 });

/**
 * Bodies that mostly fit their rules: random JSON put where the first path leads, so that lists are really reached.
 */
export const ruleAndBody: fc.Arbitrary<{ rules: PostSelector[]; body: Json }> = fc
  .record({ rules: selectors, bodies: fc.array(json, { minLength: 1, maxLength: 3 }) })
  .map(({ rules, bodies }) => ({ rules, body: wrap(rules[0]!.path, bodies) }));

function wrap(path: readonly Step[], bodies: readonly Json[]): Json {
  return path.reduceRight<Json>(
    (inside, { ...at }) =>
      at.kind === 'name'
        ? { [at.name]: inside, kind: 't3' }
        : Array.isArray(inside)
          ? [inside, ...bodies]
          : [inside, inside],
    bodies[0]!,
  );
}

/** Writes JSON with spaces and with characters escaped at random, as other platforms do. */
export function writeJson(value: Json, escapeEvery: number): string {
  const text = JSON.stringify(value, null, escapeEvery % 3);
  if (escapeEvery === 0) return text;
  return text.replace(/[\u0080-\uffff]|[a-z](?=[^"\\]*")/gu, (found, at: number) => {
    const isEscaped = text[at - 1] === '\\';
    if (isEscaped || at % escapeEvery !== 0 || /^(?:t|r|u|e|f|a|l|s|n)$/.test(found)) return found;
    return [...Array(found.length).keys()]
      .map((unit) => `\\u${found.charCodeAt(unit).toString(16).padStart(4, '0')}`)
      .join('');
  });
}

/** The body in pieces, cut at the given fractions of its length. */
export function cut(body: Uint8Array, at: readonly number[]): Uint8Array[] {
  const cuts = [
    0,
    ...at.map((fraction) => Math.floor(fraction * body.length)).sort((a, b) => a - b),
    body.length,
  ];
  return cuts.slice(1).map((to, i) => body.slice(cuts[i], to));
}

export const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
