/**
 * Collects the fields that an operation asks for: a tree by response key, with fragments resolved and `@skip` and
 * `@include` evaluated (GraphQL, October 2021, sections 6.3.2 and 3.13).
 */

import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Budget } from './budget.ts';

/** The field under one response key, merged from all of its selections. */
export interface CollectedField {
  readonly key: string;
  /**
   * Without a schema the applicable type conditions are unknown: each may select a different field under the same
   * key.
   */
  readonly names: Set<string>;
  /**
   * The chains of type conditions under which it is asked for, each type as a number: `/0/4`. Empty if there is none.
   */
  readonly guards: Set<string>;
  readonly children: CollectedFields;
}

export type CollectedFields = Map<string, CollectedField>;

/** The value of a directive's `if`; undefined if it is unknown. */
export type Condition = (directive: DirectiveNode) => boolean | undefined;

/**
 * Maximum number of visited selections, counting each repetition by fragments: fragments of fragments grow
 * exponentially.
 */
const MAX_VISITED = 20_000;
/** Maximum levels of fields and fragments; real documents have up to twenty. */
const MAX_DEPTH = 64;
/** Maximum length of a name, which paths and plans repeat. */
const MAX_NAME_LENGTH = 128;

export interface CollectedTree {
  readonly fields: CollectedFields;
  /** The objects of which a part may arrive later, in a payload of its own (`@defer`), identified by their fields. */
  readonly deferred: ReadonlySet<CollectedFields>;
  /** The lists whose elements may arrive later (`@stream`). */
  readonly streamed: ReadonlySet<CollectedField>;
}

/**
 * Returns null if the tree cannot be determined: fragments are missing or circular, a condition has an unknown value,
 * or a bound is exceeded.
 * @param budget of the request; the work done is subtracted from it.
 */
export function collectFields(
  selections: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  condition: Condition,
  budget: Budget,
): CollectedTree | null {
  const fields: CollectedFields = new Map();
  const collection = new Collection(fragments, condition, budget);
  const isKnown = collection.collect(fields, selections, '', 0);
  return isKnown ? { fields, deferred: collection.deferred, streamed: collection.streamed } : null;
}

/** One traversal of an operation. Its methods return false if the tree cannot be determined. */
class Collection {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #condition: Condition;
  readonly #spreading = new Set<string>();
  readonly #types = new Map<string, number>();
  readonly #budget: Budget;
  readonly deferred = new Set<CollectedFields>();
  readonly streamed = new Set<CollectedField>();
  #visited = 0;

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>, condition: Condition, budget: Budget) {
    this.#fragments = fragments;
    this.#condition = condition;
    this.#budget = budget;
  }

  collect(into: CollectedFields, { selections }: SelectionSetNode, guard: string, depth: number): boolean {
    if (depth > MAX_DEPTH) return false;
    return selections.every((selection) => this.#select(into, selection, guard, depth));
  }

  #select(into: CollectedFields, selection: SelectionNode, guard: string, depth: number): boolean {
    this.#visited++;
    this.#budget.visits--;
    if (this.#visited > MAX_VISITED || this.#budget.visits < 0) return false;
    const isAsked = this.#isAsked(selection);
    if (isAsked !== true) return isAsked === false;
    if (selection.kind !== Kind.FIELD && mayComeLater(selection)) this.deferred.add(into);
    switch (selection.kind) {
      case Kind.FIELD:
        return this.#field(into, selection, guard, depth);
      case Kind.INLINE_FRAGMENT: {
        const inside = this.#guarded(guard, selection.typeCondition?.name.value);
        return this.collect(into, selection.selectionSet, inside, depth + 1);
      }
      case Kind.FRAGMENT_SPREAD:
        return this.#spread(into, selection.name.value, guard, depth);
    }
  }

  #isAsked({ directives = [] }: SelectionNode): boolean | undefined {
    for (const directive of directives) {
      const name = directive.name.value;
      if (name !== 'skip' && name !== 'include') continue;
      const holds = this.#condition(directive);
      if (holds === undefined) return undefined;
      if (holds === (name === 'skip')) return false;
    }
    return true;
  }

  #field(into: CollectedFields, node: FieldNode, guard: string, depth: number): boolean {
    const name = node.name.value;
    const key = node.alias?.value ?? name;
    if (key.length > MAX_NAME_LENGTH || name.length > MAX_NAME_LENGTH) return false;
    let field = into.get(key);
    if (field === undefined) {
      field = { key, names: new Set(), guards: new Set(), children: new Map() };
      into.set(key, field);
    }
    field.names.add(name);
    field.guards.add(guard);
    if (mayComeLater(node)) this.streamed.add(field);
    return (
      node.selectionSet === undefined || this.collect(field.children, node.selectionSet, guard, depth + 1)
    );
  }

  #spread(into: CollectedFields, name: string, guard: string, depth: number): boolean {
    const fragment = this.#fragments.get(name);
    if (fragment === undefined || this.#spreading.has(name)) return false;
    this.#spreading.add(name);
    const inside = this.#guarded(guard, fragment.typeCondition.name.value);
    const isKnown = this.collect(into, fragment.selectionSet, inside, depth + 1);
    this.#spreading.delete(name);
    return isKnown;
  }

  #guarded(guard: string, type: string | undefined): string {
    if (type === undefined) return guard;
    const number = this.#types.get(type) ?? this.#types.size;
    this.#types.set(type, number);
    return `${guard}/${number}`;
  }
}

function mayComeLater({ directives = [] }: SelectionNode): boolean {
  return directives.some(
    (directive) => ['defer', 'stream'].includes(directive.name.value) && !isNever(directive),
  );
}

/** A directive with `if: false` has no effect. */
function isNever({ arguments: given = [] }: DirectiveNode): boolean {
  const condition = given.find(({ name }) => name.value === 'if')?.value;
  return condition?.kind === Kind.BOOLEAN && !condition.value;
}

/** Whether `field` is in every result that contains `other`, in all places that ask for both. */
export function isAlwaysBeside(field: CollectedField, other: CollectedField): boolean {
  return [...other.guards].every((guard) =>
    [...field.guards].some((wider) => guard === wider || guard.startsWith(`${wider}/`)),
  );
}
