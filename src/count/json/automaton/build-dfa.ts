/**
 * Compiles the NFA paths of a route into a DFA by subset construction, so that a value which several paths select is
 * one post.
 */

import type { Where } from '../../where.ts';
import { keyFilterAt } from './key-filter-at.ts';
import { type NamedChild, Names } from './names.ts';
import { type DfaOptions, MAX_ID_BYTES, type NfaPath, nfaPathsOf, PlanTooLarge } from './nfa-paths.ts';
import type { Step } from './path.ts';
import type { Dfa, DfaState, EmbeddedPlan, EqualTest, IdRead, PostSelector, PresenceTest } from './plan.ts';
import { type ItemPath, isItemPath, pruneIndistinguishable } from './prune-rules.ts';

/** Maximum number of states of a plan. Real plans have a few, those of large GraphQL requests some thousands. */
const MAX_STATES = 65_536;

/**
 * A position on an NFA path, as one number: the index of the path times `STEPS_PER_PATH` plus the number of steps
 * taken.
 */
type Position = number;
const STEPS_PER_PATH = 1024;

const encoder = new TextEncoder();

/** @throws {PlanTooLarge} */
export function buildDfa(selectors: readonly PostSelector[], options: DfaOptions): Dfa {
  return new DfaBuilder(nfaPathsOf(selectors, options), options).dfa();
}

type Draft = { -readonly [Field in keyof DfaState]: DfaState[Field] };

class DfaBuilder {
  readonly #paths: readonly NfaPath[];
  readonly #options: DfaOptions;
  readonly #built = new Map<string, DfaState>();
  /** States whose positions are known but whose transitions are not. */
  readonly #pending: Array<{ readonly state: Draft; readonly positions: readonly Position[] }> = [];
  readonly #embedded = new Map<string, EmbeddedPlan>();
  #maxTextBytes = 0;

  constructor(paths: readonly NfaPath[], options: DfaOptions) {
    this.#paths = paths;
    this.#options = options;
    if (paths.some(({ end }) => end.kind === 'id')) this.#maxTextBytes = MAX_ID_BYTES;
  }

  dfa(): Dfa {
    const starts = this.#paths.flatMap(({ isRead }, path) => (isRead ? [] : [path * STEPS_PER_PATH]));
    const start = this.#stateAt(starts);
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      this.#fill(next.state, next.positions);
    }
    for (const state of this.#built.values()) (state as Draft).keyFilter = keyFilterAt(state);
    return { start: start!, maxTextBytes: this.#maxTextBytes };
  }

  /** The state of a set of positions; null for the empty set. At an item the paths of its tests and ids begin. */
  #stateAt(positions: readonly Position[]): DfaState | null {
    if (positions.length === 0) return null;
    const all = new Set(positions);
    for (const position of all) if (this.#stepOf(position)?.kind === 'itself') all.add(position + 1);
    for (const { reads } of this.#itemPaths([...all]))
      for (const path of reads) all.add(path * STEPS_PER_PATH);
    const sorted = [...all].sort((a, b) => a - b);
    const key = sorted.join();
    const known = this.#built.get(key);
    if (known !== undefined) return known;
    if (this.#built.size >= MAX_STATES) {
      throw new PlanTooLarge(`more than ${MAX_STATES} different places: use fewer paths with ".." or [*]`);
    }
    const state = {} as Draft;
    this.#built.set(key, state);
    this.#pending.push({ state, positions: sorted });
    return state;
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

  #fill(state: Draft, positions: readonly Position[]): void {
    const ends = positions.filter((position) => this.#isEnd(position));
    this.#fillItems(state, ends);
    this.#fillReads(state, ends);
    this.#fillEmbedded(state, ends);
    const isRead = (position: Position) => this.#pathOf(position).isRead;
    state.isStrict = positions.some(
      (position) => !isRead(position) && position % STEPS_PER_PATH < this.#pathOf(position).deepFrom,
    );
    state.isReadOnly = positions.every(isRead);
    this.#fillChildren(state, positions);
    const leadsOnlyToReads = positions.every((position) => isRead(position) || this.#isEnd(position));
    state.onlyReadsBelow = state.names.size > 0 && leadsOnlyToReads;
  }

  #fillItems(state: Draft, ends: readonly Position[]): void {
    state.single = false;
    state.element = false;
    state.scalars = false;
    for (const position of ends) {
      const { end, steps } = this.#pathOf(position);
      if (end.kind !== 'item') continue;
      if (end.scalars) state.scalars = true;
      const last = steps.at(-1)?.kind ?? 'name';
      if (last === 'name') state.single = true;
      else state.element = true;
      if (last === 'itself') state.single = true;
    }
    const found = this.#itemPaths(ends).map(({ end }) => end);
    state.items = found.map(({ item }) => item);
    state.startBits = found.reduce((bits, { startBits }) => bits | startBits, 0);
    state.idSlots = [...new Set(found.flatMap(({ slots }) => slots))];
  }

  #fillReads(state: Draft, ends: readonly Position[]): void {
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
    Object.assign(state, { equalTests, presenceTests, ids });
  }

  #equalTest({ negated, literals }: Extract<Where, { kind: 'equals' }>, bit: number, up: number): EqualTest {
    const strings = literals
      .filter((literal) => typeof literal === 'string')
      .map((text) => encoder.encode(text));
    for (const { length } of strings) this.#maxTextBytes = Math.max(this.#maxTextBytes, length);
    return { up, bit, negated, strings, others: literals.filter((literal) => typeof literal !== 'string') };
  }

  #fillEmbedded(state: Draft, ends: readonly Position[]): void {
    state.embedded = null;
    const found = ends.map((position) => this.#pathOf(position).end);
    const selectors = found.flatMap((end) => (end.kind === 'embedded_json' ? [end.selector] : []));
    const pages = found.filter((end) => end.kind === 'embedded_html');
    const [page] = pages;
    if (selectors.length === 0 && page === undefined) return;
    if (selectors.length > 0 && page !== undefined) {
      throw new PlanTooLarge('the text of a member cannot be read both as JSON and as HTML: remove one');
    }
    if (state.equalTests.length + state.ids.length > 0) {
      const form = page === undefined ? 'JSON' : 'HTML';
      throw new PlanTooLarge(
        `a member whose text is read as ${form} cannot be a test or an id too: remove one`,
      );
    }
    const key = ends.join();
    state.embedded =
      this.#embedded.get(key) ??
      page?.html.planFor(pages.map(({ rule }) => rule)) ??
      buildDfa(selectors, this.#options);
    this.#embedded.set(key, state.embedded);
  }

  #fillChildren(state: Draft, positions: readonly Position[]): void {
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
      if (step.kind === 'any' && (step.deep || !state.single)) members.push(position + 1);
    }
    state.any = this.#stateAt(elements);
    state.anyMember = this.#stateAt(members);
    state.names = new Names(
      [...byName].map(([name, named], index) => this.#named(name, [...named, ...members], index)),
    );
  }

  #named(name: string, positions: readonly Position[], index: number): NamedChild<DfaState> {
    const bytes = encoder.encode(name);
    this.#maxTextBytes = Math.max(this.#maxTextBytes, bytes.length);
    return { name: bytes, child: this.#stateAt(positions)!, index };
  }
}
