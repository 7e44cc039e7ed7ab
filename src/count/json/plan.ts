/** What the scanner follows beside a body: a graph of places, and what a value means at each of them. */

import type { PostCount } from '../post-count.ts';
import type { Literal, Where } from '../where.ts';
import { buildTree } from './build-plan.ts';
import type { InsideReader } from './inside.ts';
import type { Names } from './names.ts';
import type { Step } from './path.ts';
import type { Watch } from './watch.ts';

/** Where posts stand. What is `inside` stands in the JSON that the string at the path holds. */
export interface PostSelector {
  readonly path: readonly Step[];
  readonly inside?: readonly Step[];
  /** Instead of `inside`: the string at the path holds HTML, in which the rule's selector finds the posts. */
  readonly html?: HtmlInside;
  /** Of the kinds `equals`, `present` and `absent`. */
  readonly where?: Where;
  /** The names on the ways to two members: their addresses, or those in their `id`, must have one origin. */
  readonly sameOrigin?: readonly [readonly string[], readonly string[]];
  /** Whether strings, numbers, booleans and lists are items of a list too; otherwise only objects are. */
  readonly scalars?: boolean;
  /** The names on the way from an item to the member that holds its id. */
  readonly id?: readonly string[];
  /** What `PostCount.found` is told. Several selectors may stand for one rule. */
  readonly rule: number;
}

/** The HTML that strings hold, by the selectors of a route. */
export interface HtmlInside {
  /** @param rules those whose posts are looked for. */
  planFor(rules: readonly number[]): HtmlPlace;
}

/** What reads the HTML of the strings at one place. */
export interface HtmlPlace {
  reader(found: PostCount): InsideReader;
}

export type PlanInside = PlanTree | HtmlPlace;

/** What may stand at one place of a body, as far as the paths say. */
export interface PlanNode {
  readonly names: Names;
  /** Where every array element leads. */
  readonly any: PlanNode | null;
  /**
   * Where a member leads that no name fits. Without `..` null where this is a post itself: `$.data` and `$.data[*]`
   * beside each other mean "one post or a list", and the members of the one are no list.
   */
  readonly anyMember: PlanNode | null;
  /** A post when it is an object: a path ends here in a name, or is `$`. */
  readonly single: boolean;
  /** A post as an object in an array or in a map of objects. */
  readonly element: boolean;
  /** As an element of an array, a post also when it is a string, number, boolean or list. */
  readonly scalars: boolean;
  /** The rules of the items that end here, the first that fits before the others. */
  readonly items: readonly ItemRule[];
  /** The tests that an item passes as long as nothing is seen of it: those for what is absent. */
  readonly startBits: number;
  /** Slots of the ids and origins of items that end here. */
  readonly idSlots: readonly number[];
  readonly equalTests: readonly EqualTest[];
  readonly presenceTests: readonly PresenceTest[];
  readonly ids: readonly IdRead[];
  /** What to look for in the JSON or HTML that a string here holds. */
  readonly inside: PlanInside | null;
  /** Whether a path without `..` has led here: what is neither a post nor on the way to one must be empty. */
  readonly isStrict: boolean;
  /** Only tests and ids lead here. */
  readonly isReadOnly: boolean;
  /** Only tests and ids lead on from here: once each name was seen, the rest need not be read. */
  readonly onlyReadsBelow: boolean;
  /**
   * What to watch for in a container here of which only names lead on: nothing else in it is read but its strings and
   * brackets. Null where all of it must be walked.
   */
  readonly watch: PlaceWatch | null;
}

export interface PlaceWatch {
  readonly names: Watch;
  /** Whether names may stand at any depth below (`..`); else in an object itself. */
  readonly isDeep: boolean;
}

/** What an item counts as. */
export interface ItemRule {
  readonly rule: number;
  /** The bits of its tests, all of which it must pass; 0 if it has none. */
  readonly test: number;
  /** Where its id is kept; -1 where it has none. */
  readonly idSlot: number;
}

/** What a value says about an item around it: `up` containers above the one that it stands in. */
interface Read {
  readonly up: number;
}

export interface EqualTest extends Read {
  readonly bit: number;
  readonly negated: boolean;
  readonly strings: readonly Uint8Array[];
  readonly others: readonly Literal[];
}

export interface PresenceTest extends Read {
  readonly bit: number;
  /** Whether the test passes where something other than null stands here. */
  readonly passes: boolean;
}

export interface IdRead extends Read {
  readonly slot: number;
  /** Where only the origin is kept: the test that passes if that in the other slot is the same. Null for an id. */
  readonly origin: OriginTest | null;
}

export interface OriginTest {
  readonly otherSlot: number;
  readonly bit: number;
}

export interface PlanTree {
  readonly root: PlanNode;
  /** Bytes of the longest name, literal or id: text beyond it need not be held. */
  readonly maxTextBytes: number;
}

/** What one count asks of a plan; a `PostCount` says it. */
export interface PlanNeeds {
  /** Whether ids are to be read. */
  readonly readsIds: boolean;
  /** Whether it must be told which selector found what, also of what does not count. */
  readonly explains: boolean;
}

export interface JsonPlan {
  /** Made at first need. Throws `PlanTooLarge`. */
  tree(needs: PlanNeeds): PlanTree;
}

/**
 * How the items of a rule count: not at all, each, or each once. `known` items do not count, but embedded copies of
 * them do not either (see `PostCount`).
 */
export type Counting = 'off' | 'known' | 'each' | 'once';

/** The largest tree that a plan can need: what it holds, all others do. */
export const ALL_NEEDS: PlanNeeds = { readsIds: true, explains: true };

/**
 * Plans any number of selectors; those with tests may have 30 different ones.
 * @param countings by rule; left out, what each rule finds is told.
 */
export function planJson(selectors: readonly PostSelector[], countings?: readonly Counting[]): JsonPlan {
  const hasIds = selectors.some(({ id }) => id !== undefined);
  const trees = new Map<string, PlanTree>();
  return {
    tree({ readsIds, explains }) {
      const asked = { readsIds: readsIds && hasIds, countings: explains ? undefined : countings };
      const key = `${asked.readsIds} ${asked.countings === undefined}`;
      let tree = trees.get(key);
      if (tree === undefined) {
        tree = buildTree(selectors, asked);
        trees.set(key, tree);
      }
      return tree;
    },
  };
}
