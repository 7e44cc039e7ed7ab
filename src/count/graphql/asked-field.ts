/**
 * The fields that an operation asks for, as its result will hold them: a tree by response keys, with fragments
 * resolved and `@skip` and `@include` decided (GraphQL, October 2021, sections 6.3.2 and 3.13).
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

/** What is asked for under one response key, by all selections of it together. */
export interface AskedField {
  readonly key: string;
  /** Without a schema nobody knows which type conditions hold: each may have another field behind one key. */
  readonly names: Set<string>;
  /**
   * The chains of type conditions under which it is asked for, each type by a number: `/0/4`. Empty where there is none.
   */
  readonly guards: Set<string>;
  readonly children: AskedFields;
}

export type AskedFields = Map<string, AskedField>;

/** Whether a directive's `if` holds; undefined where its value is not known. */
export type Condition = (directive: DirectiveNode) => boolean | undefined;

/** Selections that are looked at, each as often as fragments repeat it: fragments of fragments grow exponentially. */
const MAX_VISITED = 20_000;
/** Levels of fields and fragments; real documents have up to twenty. */
const MAX_DEPTH = 64;
/** Of a name, which paths and plans repeat. */
const MAX_NAME_LENGTH = 128;

export interface AskedTree {
  readonly fields: AskedFields;
  /** The objects of which a part may come later, in payloads of its own (`@defer`): each by its fields. */
  readonly deferred: ReadonlySet<AskedFields>;
  /** The lists whose elements may come later (`@stream`). */
  readonly streamed: ReadonlySet<AskedField>;
}

/**
 * The tree of an operation's selections. Null if it cannot be known: fragments that are missing or in a circle, a
 * condition whose value is not known, more than the bounds allow.
 * @param budget of the request; what is used is taken from it.
 */
export function askedFields(
  selections: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  condition: Condition,
  budget: Budget,
): AskedTree | null {
  const fields: AskedFields = new Map();
  const collection = new Collection(fragments, condition, budget);
  const isKnown = collection.collect(fields, selections, '', 0);
  return isKnown ? { fields, deferred: collection.deferred, streamed: collection.streamed } : null;
}

/** One run over an operation. Its methods return false where the tree cannot be known. */
class Collection {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #condition: Condition;
  readonly #spreading = new Set<string>();
  readonly #types = new Map<string, number>();
  readonly #budget: Budget;
  readonly deferred = new Set<AskedFields>();
  readonly streamed = new Set<AskedField>();
  #visited = 0;

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>, condition: Condition, budget: Budget) {
    this.#fragments = fragments;
    this.#condition = condition;
    this.#budget = budget;
  }

  collect(into: AskedFields, { selections }: SelectionSetNode, guard: string, depth: number): boolean {
    if (depth > MAX_DEPTH) return false;
    return selections.every((selection) => this.#select(into, selection, guard, depth));
  }

  #select(into: AskedFields, selection: SelectionNode, guard: string, depth: number): boolean {
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

  #field(into: AskedFields, node: FieldNode, guard: string, depth: number): boolean {
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

  #spread(into: AskedFields, name: string, guard: string, depth: number): boolean {
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

/** A directive with `if: false` does nothing. */
function isNever({ arguments: given = [] }: DirectiveNode): boolean {
  const condition = given.find(({ name }) => name.value === 'if')?.value;
  return condition?.kind === Kind.BOOLEAN && !condition.value;
}

/** Whether `field` is in every result that `other` is in, wherever both are asked for. */
export function isAlwaysBeside(field: AskedField, other: AskedField): boolean {
  return [...other.guards].every((guard) =>
    [...field.guards].some((wider) => guard === wider || guard.startsWith(`${wider}/`)),
  );
}
