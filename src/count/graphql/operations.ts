/** Finds the posts that an operation of a document asks for, and remembers them: parsing at each request is too slow. */

import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { askedFields } from './asked-field.ts';
import { planAsked, planParts, type ResultJsonPlan } from './asked-plan.ts';
import { askedPosts, type PostField } from './asked-posts.ts';
import { type Budget, isSpent } from './budget.ts';
import { laterParts } from './later-parts.ts';

/** Where the posts are in an operation's result. `none`: it asks for none. `unknown`: nobody can say. */
export type OperationPlan = ResultJsonPlan | 'none' | 'unknown';

export type Variables = Readonly<Record<string, unknown>>;

/** Tokens of a document: 10 ms to parse. Large real ones have 5,000. */
const MAX_TOKENS = 15_000;
/** What is remembered, in characters of documents. */
const MAX_REMEMBERED_LENGTH = 4 * 1024 * 1024;
/** What a plan takes beside its document, counted as characters. */
const PLAN_LENGTH = 4 * 1024;

export class Operations {
  readonly #entries: readonly PostField[];
  /** The variables that conditions of a document hang on. */
  readonly #conditions = new LRUCache<string, readonly string[]>({
    maxSize: MAX_REMEMBERED_LENGTH,
    sizeCalculation: (_, text) => text.length + 1,
  });
  readonly #plans = new LRUCache<string, OperationPlan>({
    maxSize: MAX_REMEMBERED_LENGTH,
    sizeCalculation: (plan, key) => key.length + (typeof plan === 'string' ? 1 : PLAN_LENGTH),
  });

  constructor(entries: readonly PostField[]) {
    this.#entries = entries;
  }

  /**
   * @param name of the operation; null if the document has only one.
   * @param budget of the request; `unknown` if it does not suffice.
   */
  planOf(text: string, name: string | null, variables: Variables, budget: Budget): OperationPlan {
    let names = this.#conditions.get(text);
    let document: DocumentNode | null | undefined;
    if (names === undefined) {
      document = parseWithin(text, budget);
      if (document === null && isSpent(budget)) return 'unknown';
      // Walking a document takes as long as parsing it, and most have no directive.
      names = document === null || !text.includes('@') ? [] : conditionVariables(document);
      this.#conditions.set(text, names);
    }
    const values = names.map((variable) => givenValue(variables, variable)).join();
    const key = `${values} ${JSON.stringify(name)} ${text}`;
    let plan = this.#plans.get(key);
    if (plan === undefined) {
      document ??= parseWithin(text, budget);
      plan = document === null ? 'unknown' : planDocument(document, name, variables, this.#entries, budget);
      // Another request may have more of its budget left.
      if (plan !== 'unknown' || !isSpent(budget)) this.#plans.set(key, plan);
    }
    return plan;
  }
}

/** Null for what is no GraphQL, or beyond the bounds. */
function parseWithin(text: string, budget: Budget): DocumentNode | null {
  if (isSpent(budget)) return null;
  const document = parseDocument(text, Math.min(MAX_TOKENS, budget.tokens));
  // What does not parse was read too; how far is not known.
  budget.tokens -= document?.tokenCount ?? Math.min(MAX_TOKENS, text.length);
  return document;
}

/** Null for what is no GraphQL, or beyond the bounds. */
export function parseDocument(text: string, maxTokens = MAX_TOKENS): DocumentNode | null {
  try {
    return parse(text, { noLocation: true, maxTokens });
  } catch (error) {
    // The parser descends by recursion: brackets by the thousand end its stack.
    if (error instanceof GraphQLError || error instanceof RangeError) return null;
    throw error;
  }
}

function conditionVariables(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Directive: (node) => {
      const value = conditionOf(node);
      if (value?.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}

function conditionOf({ name, arguments: given = [] }: DirectiveNode) {
  if (name.value !== 'skip' && name.value !== 'include') return undefined;
  return given.find((argument) => argument.name.value === 'if')?.value;
}

/** A condition's variable as the request sets it. */
function givenValue(variables: Variables, name: string): boolean | 'unset' | 'odd' {
  if (!Object.hasOwn(variables, name)) return 'unset';
  const value = variables[name];
  return typeof value === 'boolean' ? value : 'odd';
}

function planDocument(
  document: DocumentNode,
  name: string | null,
  variables: Variables,
  entries: readonly PostField[],
  budget: Budget,
): OperationPlan {
  const operation = operationOf(document, name);
  const fragments = fragmentsOf(document);
  if (operation === undefined || fragments === null) return 'unknown';
  const condition = (directive: DirectiveNode) => {
    const value = conditionOf(directive);
    if (value?.kind === Kind.BOOLEAN) return value.value;
    if (value?.kind !== Kind.VARIABLE) return undefined;
    const given = givenValue(variables, value.name.value);
    if (given === 'unset') return defaultOf(operation, value.name.value);
    return given === 'odd' ? undefined : given;
  };
  const tree = askedFields(operation.selectionSet, fragments, condition, budget);
  if (tree === null) return 'unknown';
  const isIncremental = tree.deferred.size + tree.streamed.size > 0;
  const posts = askedPosts(tree.fields, entries, operation.operation === 'query', isIncremental);
  if (posts === null) return 'unknown';
  if (posts.length === 0) return 'none';
  if (!isIncremental) return planAsked(posts);
  const parts = laterParts(tree, posts, budget);
  return parts === null ? 'unknown' : planParts(parts);
}

function operationOf(document: DocumentNode, name: string | null): OperationDefinitionNode | undefined {
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const fitting =
    name === null ? operations : operations.filter((operation) => operation.name?.value === name);
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** Null where two have one name. */
function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> | null {
  const all = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  const byName = new Map(all.map((fragment) => [fragment.name.value, fragment]));
  return byName.size === all.length ? byName : null;
}

function defaultOf({ variableDefinitions = [] }: OperationDefinitionNode, name: string): boolean | undefined {
  const value = variableDefinitions.find(({ variable }) => variable.name.value === name)?.defaultValue;
  return value?.kind === Kind.BOOLEAN ? value.value : undefined;
}
