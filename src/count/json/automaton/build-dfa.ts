/**
 * Compiles the NFA paths of a route into a DFA by subset construction, so that a value which several paths select is
 * one post.
 */

import type { Where } from '../../where.ts';
import { keyFilterAt } from './key-filter-at.ts';
import { type NamedChild, Names } from './names.ts';
import { MAX_ID_BYTES, type NfaPath, nfaPathsOf, PlanTooLarge, type TreeOptions } from './nfa-paths.ts';
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
import { type ItemPath, isItemPath, pruneIndistinguishable } from './prune-rules.ts';

/** Maximum number of states of a plan. Real plans have a few, those of large GraphQL requests some thousands. */
const MAX_NODES = 65_536;

/**
 * A position on an NFA path, as one number: the index of the path times `STEPS_PER_PATH` plus the number of steps
 * taken.
 */
type Position = number;
const STEPS_PER_PATH = 1024;

const encoder = new TextEncoder();

/** @throws {PlanTooLarge} */
export function buildTree(selectors: readonly PostSelector[], options: TreeOptions): PlanTree {
  return new DfaBuilder(nfaPathsOf(selectors, options), options).tree();
}

type Draft = { -readonly [Field in keyof PlanNode]: PlanNode[Field] };

class DfaBuilder {
  readonly #paths: readonly NfaPath[];
  readonly #options: TreeOptions;
  readonly #built = new Map<string, PlanNode>();
  /** States whose positions are known but whose transitions are not. */
  readonly #pending: Array<{ readonly node: Draft; readonly positions: readonly Position[] }> = [];
  readonly #insides = new Map<string, PlanInside>();
  #maxTextBytes = 0;

  constructor(paths: readonly NfaPath[], options: TreeOptions) {
    this.#paths = paths;
    this.#options = options;
    if (paths.some(({ end }) => end.kind === 'id')) this.#maxTextBytes = MAX_ID_BYTES;
  }

  tree(): PlanTree {
    const starts = this.#paths.flatMap(({ isRead }, path) => (isRead ? [] : [path * STEPS_PER_PATH]));
    const root = this.#nodeAt(starts);
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      this.#fill(next.node, next.positions);
    }
    for (const node of this.#built.values()) (node as Draft).watch = keyFilterAt(node);
    return { root: root!, maxTextBytes: this.#maxTextBytes };
  }

  /** The state of a set of positions; null for the empty set. At an item the paths of its tests and ids begin. */
  #nodeAt(positions: readonly Position[]): PlanNode | null {
    if (positions.length === 0) return null;
    const all = new Set(positions);
    for (const position of all) if (this.#stepOf(position)?.kind === 'itself') all.add(position + 1);
    for (const { reads } of this.#itemPaths([...all]))
      for (const path of reads) all.add(path * STEPS_PER_PATH);
    const sorted = [...all].sort((a, b) => a - b);
    const key = sorted.join();
    const known = this.#built.get(key);
    if (known !== undefined) return known;
    if (this.#built.size >= MAX_NODES) {
      throw new PlanTooLarge(`more than ${MAX_NODES} different places: use fewer paths with ".." or [*]`);
    }
    const node = {} as Draft;
    this.#built.set(key, node);
    this.#pending.push({ node, positions: sorted });
    return node;
  }

  #pathOf(position: Position): NfaPath {
    return this.#paths[Math.floor(position / STEPS_PER_PATH)]!;
  }

  #stepOf(position: Position): Step | undefined {
    return this.#pathOf(position).steps[position % STEPS_PER_PATH];
  }

  #isEnd(position: Position): boolean {
    return this.#stepOf(position) === undefined;
  }

  /** The paths to items that end here and must be distinguished, in order of precedence. */
  #itemPaths(positions: readonly Position[]): ItemPath[] {
    const paths = positions.flatMap((position) => {
      const path = this.#pathOf(position);
      return this.#isEnd(position) && isItemPath(path) ? [path] : [];
    });
    return pruneIndistinguishable(paths, this.#options.countings);
  }

  #fill(node: Draft, positions: readonly Position[]): void {
    const ends = positions.filter((position) => this.#isEnd(position));
    this.#fillItems(node, ends);
    this.#fillReads(node, ends);
    this.#fillInside(node, ends);
    const isRead = (position: Position) => this.#pathOf(position).isRead;
    node.isStrict = positions.some(
      (position) => !isRead(position) && position % STEPS_PER_PATH < this.#pathOf(position).deepFrom,
    );
    node.isReadOnly = positions.every(isRead);
    this.#fillChildren(node, positions);
    const leadsOnlyToReads = positions.every((position) => isRead(position) || this.#isEnd(position));
    node.onlyReadsBelow = node.names.size > 0 && leadsOnlyToReads;
  }

  #fillItems(node: Draft, ends: readonly Position[]): void {
    node.single = false;
    node.element = false;
    node.scalars = false;
    for (const position of ends) {
      const { end, steps } = this.#pathOf(position);
      if (end.kind !== 'item') continue;
      if (end.scalars) node.scalars = true;
      const last = steps.at(-1)?.kind ?? 'name';
      if (last === 'name') node.single = true;
      else node.element = true;
      if (last === 'itself') node.single = true;
    }
    const found = this.#itemPaths(ends).map(({ end }) => end);
    node.items = found.map(({ item }) => item);
    node.startBits = found.reduce((bits, { startBits }) => bits | startBits, 0);
    node.idSlots = [...new Set(found.flatMap(({ slots }) => slots))];
  }

  #fillReads(node: Draft, ends: readonly Position[]): void {
    const equalTests: EqualTest[] = [];
    const presenceTests: PresenceTest[] = [];
    const ids: IdRead[] = [];
    for (const position of ends) {
      const { end } = this.#pathOf(position);
      const up = (position % STEPS_PER_PATH) - 1;
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

  #fillInside(node: Draft, ends: readonly Position[]): void {
    node.inside = null;
    const found = ends.map((position) => this.#pathOf(position).end);
    const selectors = found.flatMap((end) => (end.kind === 'inside' ? [end.selector] : []));
    const pages = found.filter((end) => end.kind === 'html');
    const [page] = pages;
    if (selectors.length === 0 && page === undefined) return;
    if (selectors.length > 0 && page !== undefined) {
      throw new PlanTooLarge('the text of a member cannot be read both as JSON and as HTML: remove one');
    }
    if (node.equalTests.length + node.ids.length > 0) {
      const form = page === undefined ? 'JSON' : 'HTML';
      throw new PlanTooLarge(
        `a member whose text is read as ${form} cannot be a test or an id too: remove one`,
      );
    }
    const key = ends.join();
    node.inside =
      this.#insides.get(key) ??
      page?.html.planFor(pages.map(({ rule }) => rule)) ??
      buildTree(selectors, this.#options);
    this.#insides.set(key, node.inside);
  }

  #fillChildren(node: Draft, positions: readonly Position[]): void {
    const elements: Position[] = [];
    const members: Position[] = [];
    const byName = new Map<string, Position[]>();
    for (const position of positions) {
      const step = this.#stepOf(position);
      if (step === undefined) continue;
      if (step.deep) {
        elements.push(position);
        members.push(position);
      }
      if (step.kind === 'name') {
        const named = byName.get(step.name);
        if (named === undefined) byName.set(step.name, [position + 1]);
        else named.push(position + 1);
        continue;
      }
      elements.push(position + 1);
      if (step.kind === 'any' && (step.deep || !node.single)) members.push(position + 1);
    }
    node.any = this.#nodeAt(elements);
    node.anyMember = this.#nodeAt(members);
    node.names = new Names(
      [...byName].map(([name, named], index) => this.#named(name, [...named, ...members], index)),
    );
  }

  #named(name: string, positions: readonly Position[], index: number): NamedChild<PlanNode> {
    const bytes = encoder.encode(name);
    this.#maxTextBytes = Math.max(this.#maxTextBytes, bytes.length);
    return { name: bytes, child: this.#nodeAt(positions)!, index };
  }
}
