/** The partial matches of an NFA: the paths from the root to items, and from items to their tests and ids. */

import { RouteFault } from '../../route/problem.ts';
import type { Where } from '../../where.ts';
import type { Step } from './path.ts';
import type { CountMode, EmbeddedHtml, ItemRule, OriginTest, PostSelector } from './plan.ts';

export interface NfaPath {
  readonly steps: readonly Step[];
  /** True if it leads from an item to one of its members. */
  readonly isRead: boolean;
  /** Index of the first deep step (`..`): from there on the path makes no promise about the shape. */
  readonly deepFrom: number;
  /** Indexes of the paths that begin at its end. */
  readonly reads: readonly number[];
  readonly end: PathEnd;
}

export type PathEnd =
  | {
      readonly kind: 'item';
      readonly item: ItemRule;
      readonly startBits: number;
      readonly scalars: boolean;
      /** The values kept of the item: its id, and origins under test. */
      readonly slots: readonly number[];
    }
  | { readonly kind: 'embedded_json'; readonly selector: PostSelector }
  | { readonly kind: 'embedded_html'; readonly html: EmbeddedHtml; readonly rule: number }
  | { readonly kind: 'test'; readonly where: Where; readonly bit: number }
  | { readonly kind: 'id'; readonly slot: number; readonly origin: OriginTest | null };

/** The selectors are too many or too entangled to be followed at the same time. The message contains the fix. */
export class PlanTooLarge extends RouteFault {}

/** Maximum number of different tests in one plan: each has a bit of a 31-bit number. */
const MAX_TESTS = 30;
/** A longer text is not an id. */
export const MAX_ID_BYTES = 512;

/** What an automaton reports about the items in a body. */
export interface DfaOptions {
  readonly readsIds: boolean;
  /** By rule; undefined if the items of each rule are reported. */
  readonly countings: readonly CountMode[] | undefined;
}

/** Equal tests, and equal paths to an id, are shared by all selectors. */
export function nfaPathsOf(
  selectors: readonly PostSelector[],
  { readsIds, countings }: DfaOptions,
): NfaPath[] {
  const reads = new Reads();
  const paths = selectors.map(
    (selector): Omit<NfaPath, 'reads'> & { readonly readKeys: readonly string[] } => {
      const { path, inside, html, where, sameOrigin, id, rule } = selector;
      const deepAt = path.findIndex(({ deep }) => deep);
      const common = {
        steps: path,
        isRead: false,
        deepFrom: deepAt === -1 ? Number.POSITIVE_INFINITY : deepAt,
      };
      if (html !== undefined) return { ...common, readKeys: [], end: { kind: 'embedded_html', html, rule } };
      if (inside !== undefined) {
        const { inside: _inside, ...within } = { ...selector, path: inside };
        return { ...common, readKeys: [], end: { kind: 'embedded_json', selector: within } };
      }
      const test = where === undefined ? null : reads.test(where);
      const idRead = id === undefined || !readsIds || countings?.[rule] === 'off' ? null : reads.id(id);
      const origins = sameOrigin === undefined ? null : reads.sameOrigin(sameOrigin);
      const bit = test?.bit ?? 0;
      const item = { rule, test: bit | (origins?.bit ?? 0), idSlot: idRead?.slot ?? -1 };
      const startBits = where?.kind === 'absent' ? bit : 0;
      const readKeys = [...[test, idRead].flatMap((read) => read?.key ?? []), ...(origins?.keys ?? [])];
      const slots = [...(idRead === null ? [] : [idRead.slot]), ...(origins?.slots ?? [])];
      const scalars = selector.scalars === true;
      return { ...common, readKeys, end: { kind: 'item', item, startBits, scalars, slots } };
    },
  );
  const indexOf = new Map([...reads.paths.keys()].map((key, index) => [key, paths.length + index]));
  return [
    ...paths.map(({ readKeys, ...path }) => ({ ...path, reads: readKeys.map((key) => indexOf.get(key)!) })),
    ...reads.paths.values(),
  ];
}

interface OriginReads {
  readonly bit: number;
  readonly slots: readonly number[];
  readonly keys: readonly string[];
}

class Reads {
  readonly paths = new Map<string, NfaPath>();
  readonly #origins = new Map<string, OriginReads>();
  #tests = 0;
  #slots = 0;

  test(where: Where): { readonly key: string; readonly bit: number } {
    const key = JSON.stringify(where);
    const known = this.paths.get(key)?.end;
    if (known?.kind === 'test') return { key, bit: known.bit };
    if (where.kind === 'contains') throw new RangeError('A test with "contains" cannot be planned for JSON.');
    const bit = this.#nextBit();
    const path = readPath(where.member, { kind: 'test', where, bit });
    const isOfElements = where.kind === 'equals' && where.ofElements === true;
    this.paths.set(key, isOfElements ? { ...path, steps: [...path.steps, { kind: 'elements' }] } : path);
    return { key, bit };
  }

  id(names: readonly string[]): { readonly key: string; readonly slot: number } {
    const key = JSON.stringify(names);
    const known = this.paths.get(key)?.end;
    if (known?.kind === 'id') return { key, slot: known.slot };
    const slot = this.#slots++;
    this.paths.set(key, readPath(names, { kind: 'id', slot, origin: null }));
    return { key, slot };
  }

  sameOrigin(members: readonly [readonly string[], readonly string[]]): OriginReads {
    const pair = JSON.stringify(members);
    const known = this.#origins.get(pair);
    if (known !== undefined) return known;
    const bit = this.#nextBit();
    const slots = [this.#slots++, this.#slots++] as const;
    const keys = members.flatMap((names, index) => {
      const end = { kind: 'id', slot: slots[index]!, origin: { otherSlot: slots[1 - index]!, bit } } as const;
      // The object that an address names may occur in its place, with the address as `id`.
      return [names, [...names, 'id']].map((path) => {
        const key = `${pair} ${index} ${path.length}`;
        this.paths.set(key, readPath(path, end));
        return key;
      });
    });
    const reads = { bit, slots, keys };
    this.#origins.set(pair, reads);
    return reads;
  }

  #nextBit(): number {
    if (this.#tests === MAX_TESTS) {
      throw new PlanTooLarge(
        `more than ${MAX_TESTS} different tests: combine them with "in", or remove some`,
      );
    }
    return 1 << this.#tests++;
  }
}

function readPath(names: readonly string[], end: PathEnd): NfaPath {
  const steps = names.map((name): Step => ({ kind: 'name', name }));
  return { steps, isRead: true, deepFrom: Number.POSITIVE_INFINITY, reads: [], end };
}
