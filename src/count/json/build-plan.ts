/**
 * Turns paths, tests and ids into the graph of places: all ways of a route are followed at once (a subset
 * construction), so that a value that several of them select is one post.
 */

import type { Where } from '../where.ts';
import { type NamedChild, Names } from './names.ts';
import type { Step } from './path.ts';
import type {
  EqualTest,
  IdRead,
  PlanInside,
  PlanNode,
  PlanTree,
  PostSelector,
  PresenceTest,
} from './plan.ts';
import { type ItemWay, isItemWay, toldApart } from './told-apart.ts';
import { watchAt } from './watch-at.ts';
import { type Asked, MAX_ID_BYTES, PlanTooLarge, type Way, waysOf } from './ways.ts';

/** Places that one plan may tell apart; real ones have a few, those of large GraphQL requests some thousands. */
const MAX_NODES = 65_536;

/** A place on one way, as one number: the way's index, and how many of its steps have been taken. */
type Place = number;
const STEPS_PER_WAY = 1024;

const encoder = new TextEncoder();

/** Throws `PlanTooLarge`. */
export function buildTree(selectors: readonly PostSelector[], asked: Asked): PlanTree {
  return new PlanBuild(waysOf(selectors, asked), asked).tree();
}

type Draft = { -readonly [Field in keyof PlanNode]: PlanNode[Field] };

class PlanBuild {
  readonly #ways: readonly Way[];
  readonly #asked: Asked;
  readonly #built = new Map<string, PlanNode>();
  /** Nodes whose places are known and whose rest is not. */
  readonly #pending: Array<{ readonly node: Draft; readonly places: readonly Place[] }> = [];
  readonly #insides = new Map<string, PlanInside>();
  #maxTextBytes = 0;

  constructor(ways: readonly Way[], asked: Asked) {
    this.#ways = ways;
    this.#asked = asked;
    if (ways.some(({ end }) => end.kind === 'id')) this.#maxTextBytes = MAX_ID_BYTES;
  }

  tree(): PlanTree {
    const starts = this.#ways.flatMap(({ isRead }, way) => (isRead ? [] : [way * STEPS_PER_WAY]));
    const root = this.#nodeAt(starts);
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      this.#fill(next.node, next.places);
    }
    for (const node of this.#built.values()) (node as Draft).watch = watchAt(node);
    return { root: root!, maxTextBytes: this.#maxTextBytes };
  }

  /** The node of a set of places; null for none. At an item its tests and ids begin. */
  #nodeAt(places: readonly Place[]): PlanNode | null {
    if (places.length === 0) return null;
    const all = new Set(places);
    for (const place of all) if (this.#stepOf(place)?.kind === 'itself') all.add(place + 1);
    for (const { reads } of this.#itemWays([...all])) for (const way of reads) all.add(way * STEPS_PER_WAY);
    const sorted = [...all].sort((a, b) => a - b);
    const key = sorted.join();
    const known = this.#built.get(key);
    if (known !== undefined) return known;
    if (this.#built.size >= MAX_NODES) {
      throw new PlanTooLarge(`more than ${MAX_NODES} places to tell apart: use fewer paths with ".." or [*]`);
    }
    const node = {} as Draft;
    this.#built.set(key, node);
    this.#pending.push({ node, places: sorted });
    return node;
  }

  #wayOf(place: Place): Way {
    return this.#ways[Math.floor(place / STEPS_PER_WAY)]!;
  }

  #stepOf(place: Place): Step | undefined {
    return this.#wayOf(place).steps[place % STEPS_PER_WAY];
  }

  #isEnd(place: Place): boolean {
    return this.#stepOf(place) === undefined;
  }

  /** The ways to items that end here and must be told apart, the first that fits before the others. */
  #itemWays(places: readonly Place[]): ItemWay[] {
    const ways = places.flatMap((place) => {
      const way = this.#wayOf(place);
      return this.#isEnd(place) && isItemWay(way) ? [way] : [];
    });
    return toldApart(ways, this.#asked.countings);
  }

  #fill(node: Draft, places: readonly Place[]): void {
    const ends = places.filter((place) => this.#isEnd(place));
    this.#fillItems(node, ends);
    this.#fillReads(node, ends);
    this.#fillInside(node, ends);
    const isRead = (place: Place) => this.#wayOf(place).isRead;
    node.isStrict = places.some(
      (place) => !isRead(place) && place % STEPS_PER_WAY < this.#wayOf(place).deepFrom,
    );
    node.isReadOnly = places.every(isRead);
    this.#fillChildren(node, places);
    const leadsOnlyToReads = places.every((place) => isRead(place) || this.#isEnd(place));
    node.onlyReadsBelow = node.names.size > 0 && leadsOnlyToReads;
  }

  #fillItems(node: Draft, ends: readonly Place[]): void {
    node.single = false;
    node.element = false;
    node.scalars = false;
    for (const place of ends) {
      const { end, steps } = this.#wayOf(place);
      if (end.kind !== 'item') continue;
      if (end.scalars) node.scalars = true;
      const last = steps.at(-1)?.kind ?? 'name';
      if (last === 'name') node.single = true;
      else node.element = true;
      if (last === 'itself') node.single = true;
    }
    const found = this.#itemWays(ends).map(({ end }) => end);
    node.items = found.map(({ item }) => item);
    node.startBits = found.reduce((bits, { startBits }) => bits | startBits, 0);
    node.idSlots = [...new Set(found.flatMap(({ slots }) => slots))];
  }

  #fillReads(node: Draft, ends: readonly Place[]): void {
    const equalTests: EqualTest[] = [];
    const presenceTests: PresenceTest[] = [];
    const ids: IdRead[] = [];
    for (const place of ends) {
      const { end } = this.#wayOf(place);
      const up = (place % STEPS_PER_WAY) - 1;
      if (end.kind === 'id') ids.push({ up, slot: end.slot, origin: end.origin });
      if (end.kind !== 'test') continue;
      const { bit, where } = end;
      if (where.kind === 'equals') equalTests.push(this.#equalTest(where, bit, up));
      else presenceTests.push({ up, bit, passes: where.kind === 'present' });
    }
    Object.assign(node, { equalTests, presenceTests, ids });
  }

  #equalTest({ negated, literals }: Extract<Where, { kind: 'equals' }>, bit: number, up: number): EqualTest {
    const strings = literals
      .filter((literal) => typeof literal === 'string')
      .map((text) => encoder.encode(text));
    for (const { length } of strings) this.#maxTextBytes = Math.max(this.#maxTextBytes, length);
    return { up, bit, negated, strings, others: literals.filter((literal) => typeof literal !== 'string') };
  }

  #fillInside(node: Draft, ends: readonly Place[]): void {
    node.inside = null;
    const found = ends.map((place) => this.#wayOf(place).end);
    const selectors = found.flatMap((end) => (end.kind === 'inside' ? [end.selector] : []));
    const pages = found.filter((end) => end.kind === 'html');
    const [page] = pages;
    if (selectors.length === 0 && page === undefined) return;
    if (selectors.length > 0 && page !== undefined) {
      throw new PlanTooLarge('the text of a member cannot be read both as JSON and as HTML: take out one');
    }
    if (node.equalTests.length + node.ids.length > 0) {
      const form = page === undefined ? 'JSON' : 'HTML';
      throw new PlanTooLarge(
        `a member whose text is read as ${form} cannot be a test or an id too: take out one`,
      );
    }
    const key = ends.join();
    node.inside =
      this.#insides.get(key) ??
      page?.html.planFor(pages.map(({ rule }) => rule)) ??
      buildTree(selectors, this.#asked);
    this.#insides.set(key, node.inside);
  }

  #fillChildren(node: Draft, places: readonly Place[]): void {
    const elements: Place[] = [];
    const members: Place[] = [];
    const byName = new Map<string, Place[]>();
    for (const place of places) {
      const step = this.#stepOf(place);
      if (step === undefined) continue;
      if (step.deep) {
        elements.push(place);
        members.push(place);
      }
      if (step.kind === 'name') {
        const named = byName.get(step.name);
        if (named === undefined) byName.set(step.name, [place + 1]);
        else named.push(place + 1);
        continue;
      }
      elements.push(place + 1);
      if (step.kind === 'any' && (step.deep || !node.single)) members.push(place + 1);
    }
    node.any = this.#nodeAt(elements);
    node.anyMember = this.#nodeAt(members);
    node.names = new Names(
      [...byName].map(([name, named], index) => this.#named(name, [...named, ...members], index)),
    );
  }

  #named(name: string, places: readonly Place[], index: number): NamedChild {
    const bytes = encoder.encode(name);
    this.#maxTextBytes = Math.max(this.#maxTextBytes, bytes.length);
    return { name: bytes, child: this.#nodeAt(places)!, index };
  }
}
