/**
 * Turns paths and tests into a plan: a tree of nodes that the scanner walks beside the body. All paths of a route
 * are followed at once (a subset construction), so that a value that several of them select is one post.
 */

import type { Literal, Where } from '../where.ts';
import type { Step } from './path.ts';

export interface PostSelector {
  readonly path: readonly Step[];
  readonly where?: Where;
  /** The names on the way from an item to the member that holds its id. */
  readonly id?: readonly string[];
  /** What `PostCount.found` is told. Several selectors may stand for one rule. */
  readonly rule: number;
}

/** What may stand at one place of a body, as far as the paths say. */
export interface PlanNode {
  readonly names: readonly NamedChild[];
  /** Where every array element leads. */
  readonly any: PlanNode | null;
  /**
   * Where a member leads that no name fits. Null where this is a post itself: `$.data` and `$.data[*]` beside each
   * other mean "one post or a list", and the members of the one are no list.
   */
  readonly anyMember: PlanNode | null;
  /** A post when it is an object: a path ends here in a name, or is `$`. */
  readonly single: boolean;
  /** A post as an element of an array (whatever it is but null), or as an object in a map of objects. */
  readonly element: boolean;
  /** One bit for each selector without a test that ends here. */
  readonly untestedMask: number;
  /** One bit for each selector with a test that ends here. */
  readonly testedMask: number;
  readonly tests: readonly MemberTest[];
  /** Only tests lead here: its shape promises nothing. */
  readonly testsOnly: boolean;
  /** Only tests lead on from here: once each name was seen, the rest need not be read. */
  readonly onlyTestsBelow: boolean;
}

export interface NamedChild {
  readonly name: Uint8Array;
  readonly child: PlanNode;
  /** One bit for each name of the node, to know a member that stands twice. */
  readonly bit: number;
}

export interface MemberTest {
  /** The bit of its selector. */
  readonly bit: number;
  readonly negated: boolean;
  readonly strings: readonly Uint8Array[];
  readonly others: readonly Literal[];
}

export interface JsonPlan {
  readonly root: PlanNode;
  /** The rule of each selector, by its bit's position. */
  readonly rules: readonly number[];
  /** Containers that can be open at once on the way to a post or a member under test. */
  readonly depth: number;
  /** Bytes of the longest name or literal: text beyond it need not be held. */
  readonly maxTextBytes: number;
}

/** A place on one selector's way: `at` steps have been taken. */
interface Place {
  readonly selector: number;
  readonly at: number;
}

const encoder = new TextEncoder();

/** Builds the plan. Takes 1 to 30 selectors: each has a bit of a 31-bit number. */
export function planJson(unordered: readonly PostSelector[]): JsonPlan {
  const selectors = unordered.toSorted((a, b) => a.rule - b.rule);
  const built = new Map<string, PlanNode>();
  const root = buildNode(
    selectors,
    selectors.map((_, selector) => ({ selector, at: 0 })),
    built,
  );
  return {
    root,
    rules: selectors.map(({ rule }) => rule),
    depth: Math.max(...selectors.map(lengthOf)),
    maxTextBytes: Math.max(0, ...[...built.values()].flatMap(textLengths)),
  };
}

function buildNode(
  selectors: readonly PostSelector[],
  places: readonly Place[],
  built: Map<string, PlanNode>,
): PlanNode {
  const key = places.map(({ selector, at }) => `${selector}:${at}`).join();
  const known = built.get(key);
  if (known !== undefined) return known;

  const items = places.filter(({ selector, at }) => at === selectors[selector]!.path.length);
  const single = items.some((place) => lastStep(selectors, place)?.kind !== 'any');
  const anyPlaces = places.filter((place) => nextStep(selectors, place)?.kind === 'any').map(advance);
  const any = anyPlaces.length === 0 ? null : buildNode(selectors, anyPlaces, built);
  const anyMember = single ? null : any;
  const names = namesOf(selectors, places).map((name, index): NamedChild => {
    const named = places.filter((place) => isNamed(nextStep(selectors, place), name)).map(advance);
    const below = anyMember === null ? named : [...named, ...anyPlaces];
    return { name: encoder.encode(name), child: buildNode(selectors, below, built), bit: 1 << index };
  });
  const node: PlanNode = {
    names,
    any,
    anyMember,
    single,
    element: items.some((place) => lastStep(selectors, place)?.kind === 'any'),
    untestedMask: maskOf(items.filter(({ selector }) => selectors[selector]!.where === undefined)),
    testedMask: maskOf(items.filter(({ selector }) => selectors[selector]!.where !== undefined)),
    tests: places
      .filter(({ selector, at }) => selectors[selector]!.where && at === lengthOf(selectors[selector]!))
      .map(({ selector }) => testOf(selectors[selector]!.where!, selector)),
    testsOnly: places.every(({ selector, at }) => at > selectors[selector]!.path.length),
    onlyTestsBelow:
      any === null &&
      names.length > 0 &&
      places.every(({ selector, at }) => at >= selectors[selector]!.path.length),
  };
  built.set(key, node);
  return node;
}

function maskOf(places: readonly Place[]): number {
  return places.reduce((mask, { selector }) => mask | (1 << selector), 0);
}

function namesOf(selectors: readonly PostSelector[], places: readonly Place[]): string[] {
  const names = new Set<string>();
  for (const place of places) {
    const step = nextStep(selectors, place);
    if (step?.kind === 'name') names.add(step.name);
  }
  return [...names];
}

function nextStep(selectors: readonly PostSelector[], { selector, at }: Place): Step | undefined {
  const { path, where } = selectors[selector]!;
  if (at < path.length) return path[at];
  const name = where?.member[at - path.length];
  return name === undefined ? undefined : { kind: 'name', name };
}

function lastStep(selectors: readonly PostSelector[], { selector }: Place): Step | undefined {
  return selectors[selector]!.path.at(-1);
}

function isNamed(step: Step | undefined, name: string): boolean {
  return step?.kind === 'name' && step.name === name;
}

function advance({ selector, at }: Place): Place {
  return { selector, at: at + 1 };
}

function lengthOf({ path, where }: PostSelector): number {
  return path.length + (where?.member.length ?? 0);
}

function testOf(where: Where, selector: number): MemberTest {
  if (where.kind !== 'equals') throw new RangeError(`A test of the kind ${where.kind} cannot be planned.`);
  const { negated, literals } = where;
  return {
    bit: 1 << selector,
    negated,
    strings: literals.filter((literal) => typeof literal === 'string').map((text) => encoder.encode(text)),
    others: literals.filter((literal) => typeof literal !== 'string'),
  };
}

function textLengths(node: PlanNode): number[] {
  const literals = node.tests.flatMap(({ strings }) => strings.map(({ length }) => length));
  return [...node.names.map(({ name }) => name.length), ...literals];
}
