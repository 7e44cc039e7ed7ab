/** Compiles the HTML entries of a route into steps that are followed at the same time. */

import type { JsonPlan } from '../json/automaton/plan.ts';
import type { Kind } from '../kinds.ts';
import type { RouteProblems } from '../route/problem.ts';
import type { HtmlEntry, PostsEntry } from '../route/schema.ts';
import type { Compound } from './compound.ts';
import { type IdSource, parseIdSource } from './id-source.ts';
import { planJsonLd } from './json-ld.ts';
import { type Chain, parseSelector } from './selector.ts';

/** One compound of a selector, at its position in the selector. */
export interface SelectorStep {
  readonly compound: Compound;
  /** The step to match inside a matching element; null for the last step. */
  readonly next: SelectorStep | null;
  readonly nextIsChild: boolean;
  /** The bit of the selector whose item this is, else 0. */
  readonly item: number;
  /** The bit of the selector that is excluded inside this element, else 0. */
  readonly excludes: number;
}

export interface HtmlPlan {
  /** The attributes whose values are needed, by slot; names in lower case. */
  readonly attributes: readonly string[];
  /** The first step of each selector. */
  readonly starts: readonly SelectorStep[];
  /** Whether a selector needs an element's place among those of its type. */
  readonly countsTypes: boolean;
  /** By selector. */
  readonly kinds: ReadonlyArray<Kind | 'none'>;
  /** By selector: the source of the id. */
  readonly ids: ReadonlyArray<IdSource | null>;
  /** By selector with `fallback`: one bit for each selector that takes precedence. 0 for the others. */
  readonly rivals: readonly number[];
  /** The plan for posts in JSON-LD, and the slot of the script's type. */
  readonly jsonLd: JsonPlan | null;
  readonly typeSlot: number;
}

type CssEntry = Extract<HtmlEntry, { readonly html: string }>;

/** Entries that are not for HTML keep their indexes and match nothing. */
export function compileHtml(entries: readonly PostsEntry[], problems: RouteProblems): HtmlPlan {
  const attributes: string[] = [];
  const slotOf = (attribute: string): number => {
    const known = attributes.indexOf(attribute);
    return known === -1 ? attributes.push(attribute) - 1 : known;
  };
  const starts: SelectorStep[] = [];
  const ids = entries.map((entry, index): IdSource | null => {
    if (!('html' in entry)) return null;
    const { html, not, id } = entry;
    const read = (field: 'html' | 'not', text: string): readonly Chain[] =>
      problems.read([index, field], () => parseSelector(text, slotOf)) ?? [];
    const bit = 1 << index;
    const excluding = not === undefined ? [] : read('not', not);
    starts.push(...read('html', html).map((chain) => stepsOf(chain, bit, 0)));
    starts.push(...excluding.map((chain) => stepsOf(chain, 0, bit)));
    return id === undefined ? null : problems.read([index, 'id'], () => parseIdSource(id, slotOf));
  });
  const jsonLd = planJsonLd(entries, problems);
  return {
    starts,
    kinds: entries.map(({ kind }) => kind),
    ids,
    countsTypes: starts.some(asksForTypes),
    rivals: entries.map((entry) => rivalsOf(entry, entries)),
    jsonLd,
    typeSlot: jsonLd === null ? -1 : slotOf('type'),
    attributes,
  };
}

/** The plan restricted to these selectors. */
export function onlySelectors(plan: HtmlPlan, selectors: readonly number[]): HtmlPlan {
  const wanted = selectors.reduce((mask, selector) => mask | (1 << selector), 0);
  return { ...plan, starts: plan.starts.filter((step) => (marksOf(step) & wanted) !== 0) };
}

function marksOf({ next, item, excludes }: SelectorStep): number {
  return next === null ? item | excludes : marksOf(next);
}

/** Links the steps from the last to the first. */
function stepsOf(chain: Chain, item: number, excludes: number): SelectorStep {
  let next: SelectorStep | null = null;
  let nextIsChild = false;
  for (const { compound, isChild } of [...chain].reverse()) {
    const marks: Pick<SelectorStep, 'item' | 'excludes'> =
      next === null ? { item, excludes } : { item: 0, excludes: 0 };
    next = { compound, next, nextIsChild, ...marks };
    nextIsChild = isChild;
  }
  return next!;
}

function asksForTypes(step: SelectorStep): boolean {
  const { compound, next } = step;
  const asks = [compound, ...compound.not].some(({ places }) => places.some(({ ofType }) => ofType));
  return asks || (next !== null && asksForTypes(next));
}

function rivalsOf(entry: PostsEntry, entries: readonly PostsEntry[]): number {
  if (!isFallback(entry)) return 0;
  return maskOf(entries, (other) => !isFallback(other) && other.kind === entry.kind);
}

function isFallback(entry: PostsEntry): entry is CssEntry & { readonly kind: Kind } {
  return 'fallback' in entry && entry.fallback;
}

function maskOf(entries: readonly PostsEntry[], test: (entry: PostsEntry) => boolean): number {
  return entries.reduce((mask, entry, index) => (test(entry) ? mask | (1 << index) : mask), 0);
}
