/**
 * Locates the posts in the payloads of incremental delivery (`@defer`, `@stream`). A payload begins at any object or
 * list below its directive and names that place by a path, which may follow the data. One plan therefore serves all
 * payloads; a document in which the same keys have different meanings at two of these places has no plan.
 */

import type { Budget } from './budget.ts';
import type { CollectedField, CollectedFields, CollectedTree } from './collect-fields.ts';
import type { LocatedPosts, ResultStep } from './locate-posts.ts';

/** Paths that begin at the payload's own object, or at an element of its list. */
export interface LaterParts {
  /** In `data`: of the first payload, of a deferred one, and of an element that is sent alone. */
  readonly inData: readonly LocatedPosts[];
  /** In `incremental[].data`. */
  readonly inDeferred: readonly LocatedPosts[];
  /** In `incremental[].items[]`; an empty path is the element itself. */
  readonly inItems: readonly LocatedPosts[];
  /** The element that older servers send alone, as `data` beside its `path`; null if it is not a post. */
  readonly alone: LocatedPosts | null;
}

/** Comparing a step takes less time than visiting a selection. */
const STEPS_PER_VISIT = 8;

/** A place at which a payload may begin, and the posts below it. */
interface Place {
  readonly fields: CollectedFields;
  readonly posts: readonly LocatedPosts[];
}

/**
 * @param budget of the request; the work done is subtracted from it.
 * @returns null if the places cannot be distinguished, or the budget does not suffice.
 */
export function laterParts(
  tree: CollectedTree,
  posts: readonly LocatedPosts[],
  budget: Budget,
): LaterParts | null {
  const search = new PlaceSearch(tree, budget);
  search.look(tree.fields, posts, false);
  const { objects, elements } = search;
  const inData = united([{ fields: tree.fields, posts }, ...objects], budget);
  const inDeferred = united(objects, budget);
  const inItems = united(elements, budget);
  if (inData === null || inDeferred === null || inItems === null) return null;
  const alone = inItems.find(({ path }) => path.length === 0) ?? null;
  // The payloads of older servers do not indicate whether they are a deferred part or an element.
  if (alone !== null && tree.deferred.size > 0) return null;
  return { inData, inDeferred, inItems, alone };
}

class PlaceSearch {
  readonly objects: Place[] = [];
  readonly elements: Place[] = [];
  readonly #tree: CollectedTree;
  readonly #budget: Budget;

  constructor(tree: CollectedTree, budget: Budget) {
    this.#tree = tree;
    this.#budget = budget;
  }

  /** @param posts below the object with these fields. */
  look(fields: CollectedFields, posts: readonly LocatedPosts[], isBelow: boolean): void {
    this.#budget.visits -= stepsOf(posts);
    if (this.#budget.visits < 0) return;
    const isHere = isBelow || this.#tree.deferred.has(fields);
    if (isHere) this.objects.push({ fields, posts });
    const byKey = new Map<string, LocatedPosts[]>();
    for (const one of posts) {
      const { key, below } = split(one);
      const known = byKey.get(key);
      if (known === undefined) byKey.set(key, [below]);
      else known.push(below);
    }
    for (const field of fields.values()) this.#lookIn(field, byKey.get(field.key) ?? [], isHere);
  }

  #lookIn(field: CollectedField, inside: readonly LocatedPosts[], isBelow: boolean): void {
    const { children } = field;
    if (children.size === 0) return;
    const isStreamed = this.#tree.streamed.has(field);
    if (isStreamed) this.elements.push({ fields: children, posts: inside });
    // An object that is itself a post was counted with its own payload.
    const below = inside.filter(({ path }) => path.length > 0);
    this.look(children, below, isBelow || isStreamed);
  }
}

/** A path begins with a key. */
function split(one: LocatedPosts): { readonly key: string; readonly below: LocatedPosts } {
  const [first] = one.path;
  const next = one.path.findIndex(({ kind }, at) => at > 0 && kind === 'key');
  const path = next === -1 ? [] : one.path.slice(next);
  return { key: first?.kind === 'key' ? first.key : '', below: { ...one, path } };
}

/** The posts of all places; null if a path has a different meaning at one of them. */
function united(places: readonly Place[], budget: Budget): LocatedPosts[] | null {
  if (budget.visits < 0) return null;
  const all = new Map(places.flatMap(({ posts }) => posts.map((one) => [textOf(one), one])));
  budget.visits -= Math.ceil((places.length * stepsOf([...all.values()])) / STEPS_PER_VISIT);
  if (budget.visits < 0) return null;
  for (const { fields, posts } of places) {
    const own = new Set(posts.map(textOf));
    const ways = new Set(posts.flatMap(({ path }) => path.map((_, at) => pathText(path.slice(0, at + 1)))));
    for (const [text, one] of all) if (!own.has(text) && clashes(fields, ways, one)) return null;
  }
  return [...all.values()];
}

/**
 * Whether the path to another place's posts leads to, or through, a different field here.
 * @param ways to the posts of this place.
 */
function clashes(fields: CollectedFields, ways: ReadonlySet<string>, { path }: LocatedPosts): boolean {
  let here: CollectedFields | undefined = fields;
  let at = 0;
  for (; at < path.length; at++) {
    const step = path[at]!;
    if (step.kind !== 'key') continue;
    here = here.get(step.key)?.children;
    if (here === undefined) break;
  }
  if (at === path.length) return true;
  return at > 0 && !ways.has(pathText(path.slice(0, at)));
}

function stepsOf(posts: readonly LocatedPosts[]): number {
  return posts.reduce((sum, { path }) => sum + path.length + 1, 0);
}

function textOf({ path, idKey, rule }: LocatedPosts): string {
  return `${rule} ${idKey ?? ''} ${pathText(path)}`;
}

/** A GraphQL name contains neither a slash nor an asterisk. */
function pathText(path: readonly ResultStep[]): string {
  return path
    .map((step) => (step.kind === 'key' ? step.key : step.kind === 'element' ? '*' : '**'))
    .join('/');
}
