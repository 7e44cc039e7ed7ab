/** Random bodies, rules and cuts for the scanner's property tests: few names, so that paths often fit. */

import fc from 'fast-check';
import { PlanTooLarge } from '../../../src/count/json/automaton/nfa-paths.ts';
import type { Step } from '../../../src/count/json/automaton/path.ts';
import type { PostSelector } from '../../../src/count/json/automaton/plan.ts';
import { ALL_NEEDS, planJson } from '../../../src/count/json/automaton/plan-json.ts';
import type { Where } from '../../../src/count/where.ts';
import type { Json } from './slow-count.ts';

/** Names that are watched for, and names with quotes, backslashes, brackets, two-, three- and four-byte characters, and one longer than 32 bytes. */
const NAMES = ['data', 'kind', 'id', 'k', 'a"b\\', 'é€😀', '{[', 'x'.repeat(40), ''];
const ADDRESSES = ['https://a.example/1', 'https://a.example', 'http://a.example/é', 'https://b.example/{['];
const TEXTS = ['t3', '', '}]"\\', 'ä'.repeat(30), '\u0000\n😀', 'a\\"'.repeat(20)];
/** Texts that hold JSON. */
const JSON_TEXTS = ['{"data":[{"kind":"t3"},{"kind":1}]}', ' [1,{"data":"é\\n"}]', '"t3"', '{}'];

const name = fc.constantFrom(...NAMES);
const leaf = fc.oneof(
  fc.constantFrom<Json>(null, false, true, 0, 1, -1.5e10, 12345678901),
  fc.constantFrom<Json>(...TEXTS, ...JSON_TEXTS),
  fc.constantFrom<Json>(...ADDRESSES),
);

export const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

const step: fc.Arbitrary<Step> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom<Step>({ kind: 'any' }, { kind: 'any' }, { kind: 'elements' }, { kind: 'itself' }),
      name.map((text): Step => ({ kind: 'name', name: text })),
    ),
    fc.nat(5),
  )
  .map(([taken, chance]) => (chance === 0 ? { ...taken, deep: true } : taken));

const literal = fc.constantFrom('t3', '', 'é€😀', TEXTS[5]!, 1, -1.5e10, true, null);
const names = fc.array(name, { minLength: 1, maxLength: 2 });

const where: fc.Arbitrary<Where> = fc.oneof(
  fc.record({
    kind: fc.constant('equals' as const),
    member: names,
    negated: fc.boolean(),
    literals: fc.array(literal, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constantFrom('present' as const, 'absent' as const), member: names }),
);

const selector: fc.Arbitrary<PostSelector> = fc
  .record({
    path: fc.array(step, { maxLength: 3 }),
    inside: fc.option(fc.array(step, { maxLength: 2 }), { nil: undefined, freq: 5 }),
    where: fc.option(where, { nil: undefined }),
    sameOrigin: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.tuple(names, names)),
    id: fc.option(names, { nil: undefined }),
    rule: fc.nat(3),
  })
  .map(({ path, inside, where: test, sameOrigin, id, rule }) => ({
    path,
    rule,
    ...(inside === undefined ? {} : { inside }),
    ...(test === undefined ? {} : { where: test }),
    ...(sameOrigin === undefined ? {} : { sameOrigin }),
    ...(id === undefined ? {} : { id }),
  }));

/** Strings, numbers and lists are items by all selectors of a plan or by none. */
export const selectors = fc
  .tuple(fc.array(selector, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([list, scalars]): PostSelector[] => (scalars ? list.map((one) => ({ ...one, scalars })) : list))
  .filter(canBePlanned);

/** Text that is read as JSON cannot be read as a test or id too. */
function canBePlanned(list: readonly PostSelector[]): boolean {
  try {
    planJson(list).dfa(ALL_NEEDS);
    return true;
  } catch (error) {
    if (error instanceof PlanTooLarge) return false;
    throw error;
  }
}

/**
 * Bodies that mostly fit their rules: random JSON put where the first path leads, so that lists are really reached.
 */
export const ruleAndBody: fc.Arbitrary<{ rules: PostSelector[]; body: Json }> = fc
  .record({ rules: selectors, bodies: fc.array(json, { minLength: 1, maxLength: 3 }), mate: json })
  .map(({ rules, bodies, mate }) => {
    const { path, inside, id, sameOrigin = [] } = rules[0]!;
    const addressed = sameOrigin.reduce(
      (list, names, member) => list.map((body, at) => withMember(body, names, addressAt(at + member))),
      bodies,
    );
    const items = id === undefined ? addressed : addressed.map((body, at) => withMember(body, id, `${at}é"`));
    const inner = inside === undefined ? items : [JSON.stringify(wrap(inside, items, mate))];
    return { rules, body: wrap(path, inner, mate) };
  });

function withMember(body: Json, [name, inner]: readonly string[], value: Json): Json {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  return isObject ? { ...body, [name!]: inner === undefined ? value : { [inner]: value } } : body;
}

/** An address, or what is known by one. Of neighbours, the first two have one origin. */
function addressAt(at: number): Json {
  const address = ADDRESSES[at % ADDRESSES.length]!;
  return at % 2 === 0 ? address : { kind: 't3', id: address };
}

function wrap(path: readonly Step[], bodies: readonly Json[], mate: Json): Json {
  return path.reduceRight<Json>((inside, taken) => {
    const found: Json =
      taken.kind === 'name'
        ? { [taken.name]: inside, kind: 't3' }
        : Array.isArray(inside)
          ? [inside, ...bodies]
          : [inside, inside];
    return taken.deep ? [mate, { data: found }] : found;
  }, bodies[0]!);
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
