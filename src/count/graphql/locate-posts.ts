/**
 * Locates the posts in the result of one operation. It distinguishes a connection from a list and a single post by
 * the fields that are asked of it.
 */

import { type CollectedField, type CollectedFields, isAlwaysBeside } from './collect-fields.ts';

/** A field of the API that contains posts. */
export interface PostField {
  readonly name: string;
  /** True if it applies only to a field of the query itself. */
  readonly atRoot: boolean;
  /** Name of the post's field that contains its id. */
  readonly id: string | null;
}

/** One step down in a result. */
export type ResultStep =
  | { readonly kind: 'key'; readonly key: string }
  /** Every element of a list. */
  | { readonly kind: 'element' }
  /** An object, or every element of a list of objects; only the schema distinguishes them. */
  | { readonly kind: 'either' };

export interface LocatedPosts {
  readonly path: readonly ResultStep[];
  /** Response key of the post's id; null if the request does not ask for it. */
  readonly idKey: string | null;
  /** Index of the entry that names the field. */
  readonly rule: number;
}

/** Located posts with the names of the fields that lead to them, which distinguish one list from another. */
interface Found extends LocatedPosts {
  readonly names: string;
}

/** Maximum number of lists in a result: a document may have any number of aliases. */
const MAX_LISTS = 2_000;

const ELEMENT: ResultStep = { kind: 'element' };
const EITHER: ResultStep = { kind: 'either' };

/** Fields of a connection or list that contain no posts. */
const BESIDE_POSTS = new Set([
  '__typename',
  'pageInfo',
  'totalCount',
  'count',
  'aggregate',
  'aggregates',
  'groupedAggregates',
  'nodes',
  'edges',
]);

/**
 * All lists of posts and single posts that are asked for.
 * @param isQuery whether the fields are those of a query itself.
 * @param isIncremental parts of the result may arrive later, or never if the client leaves.
 * @returns null if type conditions decide what a key contains, or if there are more lists than the bound.
 */
export function locatePosts(
  fields: CollectedFields,
  entries: readonly PostField[],
  isQuery: boolean,
  isIncremental = false,
): readonly LocatedPosts[] | null {
  return new PostSearch(entries, isIncremental).below(fields, isQuery);
}

class PostSearch {
  readonly #entries: readonly PostField[];
  readonly #isIncremental: boolean;

  constructor(entries: readonly PostField[], isIncremental: boolean) {
    this.#entries = entries;
    this.#isIncremental = isIncremental;
  }

  below(fields: CollectedFields, isRoot: boolean): Found[] | null {
    return joined([...fields.values()].map((field) => this.#in(field, isRoot)));
  }

  #in(field: CollectedField, isRoot: boolean): Found[] | null {
    if (field.children.size === 0) return [];
    const rule = this.#ruleOf(field, isRoot);
    if (rule === undefined) return null;
    const found = isConnection(field) ? this.#inConnection(field, rule) : this.#inItem(field, rule);
    return found === null ? null : found.map((one) => behind(field, one));
  }

  /** The first matching entry, -1 for none; undefined if a type condition decides which of two fields it is. */
  #ruleOf({ names }: CollectedField, isRoot: boolean): number | undefined {
    const rules = new Set(
      [...names].map((name) => this.#entries.findIndex((e) => e.name === name && (isRoot || !e.atRoot))),
    );
    return rules.size === 1 ? [...rules][0]! : undefined;
  }

  #inItem({ children }: CollectedField, rule: number): Found[] | null {
    const holdsPost = [...children.values()].some(({ names }) =>
      [...names].some((n) => !BESIDE_POSTS.has(n)),
    );
    const below = this.below(children, false);
    if (below === null) return null;
    const posts = holdsPost ? this.#post(children, rule) : [];
    return [...posts, ...below].map((one) => ({ ...one, path: [EITHER, ...one.path] }));
  }

  #post(item: CollectedFields, rule: number): Found[] {
    if (rule < 0) return [];
    const { id } = this.#entries[rule]!;
    const idField = [...item.values()].find(({ names }) => names.size === 1 && id !== null && names.has(id));
    return [{ path: [], idKey: idField?.key ?? null, rule, names: '' }];
  }

  /**
   * `nodes` and `edges` contain the same items, under any alias and any number of times. Each item counts in one of
   * these lists, and nested posts count in the first list that asks for them.
   */
  #inConnection(connection: CollectedField, rule: number): Found[] | null {
    const lists = listsOf(connection);
    const beside = this.#besideLists(connection);
    if (lists === null || beside === null) return null;
    const all: Found[] = [];
    for (const [index, { path, item }] of lists.entries()) {
      const below = this.below(item.children, false);
      if (below === null) return null;
      const inItem = index === 0 ? [...this.#post(item.children, rule), ...below] : below;
      const known = new Set(all.map(({ names }) => names));
      for (const one of inItem) {
        if (!known.has(one.names)) all.push({ ...one, path: [...path, ...one.path] });
      }
    }
    // If no list is certain to be present, posts would be counted in one that may be missing, or twice.
    const isSure = !this.#isIncremental && isFirstSure(lists);
    if (lists.length > 1 && !isSure && all.length > 0) return null;
    return [...all, ...beside];
  }

  /** Posts beside the items: fields of the connection and of its edges. */
  #besideLists({ children }: CollectedField): Found[] | null {
    const found = [...children.values()].map((field) => {
      if (isNamed(field, 'nodes')) return [];
      if (!isNamed(field, 'edges')) return this.#in(field, false);
      const besideNode = new Map([...field.children].filter(([, child]) => !isNamed(child, 'node')));
      const below = this.below(besideNode, false);
      return below?.map((one) => behind(field, { ...one, path: [ELEMENT, ...one.path] })) ?? null;
    });
    return joined(found);
  }
}

/** A list of a connection's items. */
interface ItemList {
  /** From the connection to the item. */
  readonly path: readonly ResultStep[];
  readonly item: CollectedField;
}

/**
 * The lists of a connection's items, the most certain first; null if a type condition decides what one of them is.
 */
function listsOf({ children }: CollectedField): ItemList[] | null {
  const lists: ItemList[] = [];
  for (const field of children.values()) {
    if (field.names.size > 1 && (field.names.has('nodes') || field.names.has('edges'))) return null;
    if (isNamed(field, 'nodes')) lists.push({ path: [keyStep(field), ELEMENT], item: field });
    if (!isNamed(field, 'edges')) continue;
    for (const item of field.children.values()) {
      if (item.names.size > 1 && item.names.has('node')) return null;
      if (isNamed(item, 'node')) lists.push({ path: [keyStep(field), ELEMENT, keyStep(item)], item });
    }
  }
  const surest = lists.find(({ item }) => lists.every((other) => isAlwaysBeside(item, other.item)));
  return surest === undefined ? lists : [surest, ...lists.filter((list) => list !== surest)];
}

function isFirstSure([first, ...others]: readonly ItemList[]): boolean {
  return first !== undefined && others.every(({ item }) => isAlwaysBeside(first.item, item));
}

function isConnection({ children }: CollectedField): boolean {
  return [...children.values()].some(
    (field) =>
      field.names.has('nodes') ||
      (field.names.has('edges') && [...field.children.values()].some(({ names }) => names.has('node'))),
  );
}

function isNamed({ names, children }: CollectedField, name: string): boolean {
  return names.has(name) && children.size > 0;
}

function keyStep({ key }: CollectedField): ResultStep {
  return { kind: 'key', key };
}

function behind(field: CollectedField, found: Found): Found {
  return {
    ...found,
    path: [keyStep(field), ...found.path],
    names: `${[...field.names].sort().join('|')}/${found.names}`,
  };
}

function joined(parts: ReadonlyArray<Found[] | null>): Found[] | null {
  const all: Found[] = [];
  for (const part of parts) {
    if (part === null || all.length + part.length > MAX_LISTS) return null;
    all.push(...part);
  }
  return all;
}
