/**
 * Finds the posts that an operation of a document asks for, and caches the result, because parsing each request is
 * too slow.
 */

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
import { type Budget, isSpent } from './budget.ts';
import { collectFields } from './collect-fields.ts';
import { laterParts } from './later-parts.ts';
import { locatePosts, type PostField } from './locate-posts.ts';
import { planParts, planPosts, type ResultJsonPlan } from './result-json-plan.ts';

/**
 * The location of the posts in an operation's result. `none`: it asks for no posts. `unknown`: they cannot be
 * located.
 */
export type OperationPlan = ResultJsonPlan | 'none' | 'unknown';

export type Variables = Readonly<Record<string, unknown>>;

/** Maximum tokens of a document: they take 10 ms to parse. Large real documents have 5,000. */
const MAX_TOKENS = 15_000;
/** Size of the cache, in characters of documents. */
const MAX_REMEMBERED_LENGTH = 4 * 1024 * 1024;
/** Size of a plan in the cache, in characters, added to that of its document. */
const PLAN_LENGTH = 4 * 1024;

export class Operations {
  readonly #entries: readonly PostField[];
  /** The variables on which a document's conditions depend. */
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
      // Walking a document takes as long as parsing it, and most documents have no directive.
      names = document === null || !text.includes('@') ? [] : conditionVariables(document);
      this.#conditions.set(text, names);
    }
    const values = names.map((variable) => givenValue(variables, variable)).join();
    const key = `${values} ${JSON.stringify(name)} ${text}`;
    let plan = this.#plans.get(key);
    if (plan === undefined) {
      document ??= parseWithin(text, budget);
      plan = document === null ? 'unknown' : planDocument(document, name, variables, this.#entries, budget);
      // Another request may have more budget left.
      if (plan !== 'unknown' || !isSpent(budget)) this.#plans.set(key, plan);
    }
    return plan;
  }
}

/** Null if the text is not GraphQL or exceeds the bounds. */
function parseWithin(text: string, budget: Budget): DocumentNode | null {
  if (isSpent(budget)) return null;
  const document = parseDocument(text, Math.min(MAX_TOKENS, budget.tokens));
  // A text that does not parse was partly read; how much is unknown.
  budget.tokens -= document?.tokenCount ?? Math.min(MAX_TOKENS, text.length);
  return document;
}

/** Null if the text is not GraphQL or exceeds the bounds. */
export function parseDocument(text: string, maxTokens = MAX_TOKENS): DocumentNode | null {
  try {
    return parse(text, { noLocation: true, maxTokens });
  } catch (error) {
    // The parser recurses, so thousands of nested brackets overflow its stack.
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

/** A condition's variable as set by the request. */
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
  const tree = collectFields(operation.selectionSet, fragments, condition, budget);
  if (tree === null) return 'unknown';
  const isIncremental = tree.deferred.size + tree.streamed.size > 0;
  const posts = locatePosts(tree.fields, entries, operation.operation === 'query', isIncremental);
  if (posts === null) return 'unknown';
  if (posts.length === 0) return 'none';
  if (!isIncremental) return planPosts(posts);
  const parts = laterParts(tree, posts, budget);
  return parts === null ? 'unknown' : planParts(parts);
}

function operationOf(document: DocumentNode, name: string | null): OperationDefinitionNode | undefined {
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const fitting =
    name === null ? operations : operations.filter((operation) => operation.name?.value === name);
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** Null if two fragments have the same name. */
function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> | null {
  const all = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  const byName = new Map(all.map((fragment) => [fragment.name.value, fragment]));
  return byName.size === all.length ? byName : null;
}

function defaultOf({ variableDefinitions = [] }: OperationDefinitionNode, name: string): boolean | undefined {
  const value = variableDefinitions.find(({ variable }) => variable.name.value === name)?.defaultValue;
  return value?.kind === Kind.BOOLEAN ? value.value : undefined;
}
