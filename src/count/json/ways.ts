/** The ways through a body that selectors ask for: the paths to items, and from items to what their tests and ids read. */

import type { Where } from '../where.ts';
import type { Step } from './path.ts';
import type { Counting, HtmlInside, ItemRule, OriginTest, PostSelector } from './plan.ts';

export interface Way {
  readonly steps: readonly Step[];
  /** Whether it leads from an item to a member of it. */
  readonly isRead: boolean;
  /** The first place behind which it searches (`..`): from there on it promises nothing. */
  readonly deepFrom: number;
  /** The ways that begin at its end. */
  readonly reads: readonly number[];
  readonly end: WayEnd;
}

export type WayEnd =
  | {
      readonly kind: 'item';
      readonly item: ItemRule;
      readonly startBits: number;
      readonly scalars: boolean;
      /** What is kept of the item: its id, and origins under test. */
      readonly slots: readonly number[];
    }
  | { readonly kind: 'inside'; readonly selector: PostSelector }
  | { readonly kind: 'html'; readonly html: HtmlInside; readonly rule: number }
  | { readonly kind: 'test'; readonly where: Where; readonly bit: number }
  | { readonly kind: 'id'; readonly slot: number; readonly origin: OriginTest | null };

/** The selectors are too many or too entangled to be followed at once. The message names the mend. */
export class PlanTooLarge extends Error {}

/** Different tests in one plan: each has a bit of a 31-bit number. */
const MAX_TESTS = 30;
/** A longer id is none. */
export const MAX_ID_BYTES = 512;

/** What a tree is to tell of the items in a body. */
export interface Asked {
  readonly readsIds: boolean;
  /** By rule; undefined where it is to be told what each rule finds. */
  readonly countings: readonly Counting[] | undefined;
}

/** Equal tests and equal ways to an id are one, whoever asks. */
export function waysOf(selectors: readonly PostSelector[], { readsIds, countings }: Asked): Way[] {
  const reads = new Reads();
  const paths = selectors.map((selector): Omit<Way, 'reads'> & { readonly readKeys: readonly string[] } => {
    const { path, inside, html, where, sameOrigin, id, rule } = selector;
    const deepAt = path.findIndex(({ deep }) => deep);
    const way = { steps: path, isRead: false, deepFrom: deepAt === -1 ? Number.POSITIVE_INFINITY : deepAt };
    if (html !== undefined) return { ...way, readKeys: [], end: { kind: 'html', html, rule } };
    if (inside !== undefined) {
      const { inside: _inside, ...within } = { ...selector, path: inside };
      return { ...way, readKeys: [], end: { kind: 'inside', selector: within } };
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
    return { ...way, readKeys, end: { kind: 'item', item, startBits, scalars, slots } };
  });
  const indexOf = new Map([...reads.ways.keys()].map((key, index) => [key, paths.length + index]));
  return [
    ...paths.map(({ readKeys, ...way }) => ({ ...way, reads: readKeys.map((key) => indexOf.get(key)!) })),
    ...reads.ways.values(),
  ];
}

interface OriginReads {
  readonly bit: number;
  readonly slots: readonly number[];
  readonly keys: readonly string[];
}

class Reads {
  readonly ways = new Map<string, Way>();
  readonly #origins = new Map<string, OriginReads>();
  #tests = 0;
  #slots = 0;

  test(where: Where): { readonly key: string; readonly bit: number } {
    const key = JSON.stringify(where);
    const known = this.ways.get(key)?.end;
    if (known?.kind === 'test') return { key, bit: known.bit };
    if (where.kind === 'contains') throw new RangeError('A test with "contains" cannot be planned for JSON.');
    const bit = this.#nextBit();
    const way = readWay(where.member, { kind: 'test', where, bit });
    const isOfElements = where.kind === 'equals' && where.ofElements === true;
    this.ways.set(key, isOfElements ? { ...way, steps: [...way.steps, { kind: 'elements' }] } : way);
    return { key, bit };
  }

  id(names: readonly string[]): { readonly key: string; readonly slot: number } {
    const key = JSON.stringify(names);
    const known = this.ways.get(key)?.end;
    if (known?.kind === 'id') return { key, slot: known.slot };
    const slot = this.#slots++;
    this.ways.set(key, readWay(names, { kind: 'id', slot, origin: null }));
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
      // What an address stands for may stand there itself, with its address as `id`.
      return [names, [...names, 'id']].map((way) => {
        const key = `${pair} ${index} ${way.length}`;
        this.ways.set(key, readWay(way, end));
        return key;
      });
    });
    const reads = { bit, slots, keys };
    this.#origins.set(pair, reads);
    return reads;
  }

  #nextBit(): number {
    if (this.#tests === MAX_TESTS) {
      throw new PlanTooLarge(`more than ${MAX_TESTS} different tests: join them with "in", or take some out`);
    }
    return 1 << this.#tests++;
  }
}

function readWay(names: readonly string[], end: WayEnd): Way {
  const steps = names.map((name): Step => ({ kind: 'name', name }));
  return { steps, isRead: true, deepFrom: Number.POSITIVE_INFINITY, reads: [], end };
}
