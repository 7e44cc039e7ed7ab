/** The plan that the scanner follows through a body: a graph of places, and the meaning of a value at each place. */

import type { PostCount } from '../../post-count.ts';
import type { Literal, Where } from '../../where.ts';
import type { EmbeddedReader } from '../embedded-text.ts';
import type { KeyFilter } from './key-filter.ts';
import type { Names } from './names.ts';
import type { Step } from './path.ts';

/** The location of posts. `inside` is the path within the JSON that the string at `path` contains. */
export interface PostSelector {
  readonly path: readonly Step[];
  readonly inside?: readonly Step[];
  /** Replaces `inside`: the string at the path contains HTML, in which the rule's selector finds the posts. */
  readonly html?: EmbeddedHtml;
  /** Only of the kinds `equals`, `present` and `absent`. */
  readonly where?: Where;
  /** The names that lead to two members: their addresses, or those in their `id`, must have the same origin. */
  readonly sameOrigin?: readonly [readonly string[], readonly string[]];
  /** Whether strings, numbers, booleans and lists are items of a list too; otherwise only objects are. */
  readonly scalars?: boolean;
  /** The names that lead from an item to the member with its id. */
  readonly id?: readonly string[];
  /** The rule passed to `PostCount.found`. Several selectors may belong to one rule. */
  readonly rule: number;
}

/** The HTML in strings, by the selectors of a route. */
export interface EmbeddedHtml {
  /** @param rules whose posts are counted. */
  planFor(rules: readonly number[]): EmbeddedHtmlPlan;
}

/** Creates readers for the HTML of the strings at one place. */
export interface EmbeddedHtmlPlan {
  reader(found: PostCount): EmbeddedReader;
}

export type EmbeddedPlan = Dfa | EmbeddedHtmlPlan;

/** What may occur at one place of a body, according to the paths. */
export interface DfaState {
  readonly names: Names<DfaState>;
  /** The place of every array element. */
  readonly any: DfaState | null;
  /**
   * The place of a member whose name is not listed. Without `..` it is null if this place is itself a post: `$.data`
   * and `$.data[*]` together mean "one post or a list", and the members of the one post are not a list.
   */
  readonly anyMember: DfaState | null;
  /** An object here is a post: a path ends here in a name, or is `$`. */
  readonly single: boolean;
  /** An object here is a post as an element of an array or of a map of objects. */
  readonly element: boolean;
  /** A string, number, boolean or list here is also a post as an element of an array. */
  readonly scalars: boolean;
  /** The rules of the items that end here, in order of precedence. */
  readonly items: readonly ItemRule[];
  /** The tests that an item passes before any of its members is seen: tests for absence. */
  readonly startBits: number;
  /** Slots of the ids and origins of the items that end here. */
  readonly idSlots: readonly number[];
  readonly equalTests: readonly EqualTest[];
  readonly presenceTests: readonly PresenceTest[];
  readonly ids: readonly IdRead[];
  /** The plan for the JSON or HTML that a string here contains. */
  readonly embedded: EmbeddedPlan | null;
  /** True if a path without `..` leads here: a value that is neither a post nor on the way to one must be empty. */
  readonly isStrict: boolean;
  /** True if only tests and ids lead here. */
  readonly isReadOnly: boolean;
  /** True if only tests and ids continue from here: once each name was seen, the rest need not be read. */
  readonly onlyReadsBelow: boolean;
  /**
   * The key filter for a container here from which only names continue: apart from those, only its strings and
   * brackets are read. Null if it must be walked entirely.
   */
  readonly keyFilter: ScopedKeyFilter | null;
}

export interface ScopedKeyFilter {
  readonly filter: KeyFilter;
  /** True if names may occur at any depth below (`..`); else only in the object itself. */
  readonly isDeep: boolean;
}

/** How an item counts. */
export interface ItemRule {
  readonly rule: number;
  /** The bits of its tests, all of which must pass; 0 if it has none. */
  readonly test: number;
  /** The slot of its id; -1 if it has none. */
  readonly idSlot: number;
}

/** A value that belongs to an enclosing item: `up` containers above its own. */
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
  /** Whether the test passes if a value other than null occurs here. */
  readonly passes: boolean;
}

export interface IdRead extends Read {
  readonly slot: number;
  /** If only the origin is kept: the test that passes if the other slot has the same origin. Null for an id. */
  readonly origin: OriginTest | null;
}

export interface OriginTest {
  readonly otherSlot: number;
  readonly bit: number;
}

export interface Dfa {
  readonly start: DfaState;
  /** Length of the longest name, literal or id in bytes: longer text need not be held. */
  readonly maxTextBytes: number;
}

/** What a count needs of a plan, as its `PostCount` specifies. */
export interface PlanNeeds {
  /** Whether ids are read. */
  readonly readsIds: boolean;
  /** Whether the count reports which selector found what, including items that do not count. */
  readonly explains: boolean;
}

export interface JsonPlan {
  /** Created on first use. @throws {PlanTooLarge} */
  dfa(needs: PlanNeeds): Dfa;
}

/**
 * How the items of a rule count: not at all, each one, or each distinct one. `known` items do not count, but neither
 * do embedded copies of them (see `PostCount`).
 */
export type CountMode = 'off' | 'known' | 'each' | 'once';
