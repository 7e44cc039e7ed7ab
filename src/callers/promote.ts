/**
 * Names callers as one client, and takes that back. A preview computes the same on a snapshot: what moves, and what billing
 * makes of it for the client and for each caller that may have a breach.
 */

import type { BillingRules } from '../invoice/port.ts';
import { countsUnique } from '../tariff/counted.ts';
import { type PostsAt, sumOf } from '../tariff/posts.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import { timelineOf } from '../tariff/timeline.ts';
import { billedWith, effectOf, type MovedEffect } from './moved-usage.ts';
import type {
  PromotionAsked,
  PromotionBooks,
  PromotionFacts,
  PromotionTransaction,
  RangeOverlap,
} from './promotion-port.ts';

export type PromotionRefusal =
  | { readonly kind: 'unknown_caller'; readonly callerIds: readonly string[] }
  /** The client is a caller itself, identified by its address alone. */
  | { readonly kind: 'address_client' }
  | ({ readonly kind: 'overlaps' } & RangeOverlap)
  /** Unique posts are kept per client and cannot be moved. */
  | { readonly kind: 'counts_unique'; readonly clientId: string };

export interface PromotionResult extends MovedEffect {
  /** Null in a preview, or if nothing changed. */
  readonly id: string | null;
  readonly clientId: string;
  readonly isNewClient: boolean;
  readonly callers: number;
  readonly posts: number;
  readonly addedRanges: readonly string[];
  readonly uncovered: number;
  /** Nothing is written if there is one. */
  readonly refusals: readonly PromotionRefusal[];
}

export interface PromotionContext {
  readonly books: PromotionBooks;
  readonly rules: BillingRules;
  readonly who: { readonly actor: string; readonly atMs: number };
  readonly isPreview: boolean;
}

export function promoteCallers(asked: PromotionAsked, context: PromotionContext): Promise<PromotionResult> {
  const work = async (tx: PromotionTransaction): Promise<PromotionResult> => {
    const facts = await tx.facts(asked);
    const moved = { ...asked, callerIds: facts.movableIds };
    const refusals = refusalsOf(asked, facts, context.rules.bucketSeconds);
    const figures = await figuresOf(tx, moved, null, context);
    const plan = {
      ...figures,
      clientId: asked.clientId,
      isNewClient: facts.clientSource === null,
      callers: facts.movableIds.length,
      addedRanges: facts.newRanges,
      uncovered: facts.uncovered,
      refusals,
    };
    const isEmpty = !plan.isNewClient && plan.callers === 0 && plan.addedRanges.length === 0;
    if (context.isPreview || isEmpty || refusals.length > 0) return { ...plan, id: null };
    return { ...plan, ...(await tx.promote(moved, facts)) };
  };
  return run([asked.clientId, ...asked.callerIds], context, work);
}

/** Returns null if there is no promotion of this id, and `undone` if it was undone before. */
export async function undoPromotion(
  id: string,
  reason: string,
  context: PromotionContext,
): Promise<PromotionResult | 'undone' | null> {
  const found = await context.books.preview((tx) => tx.promotion(id));
  if (found === null) return null;
  return run([found.clientId, ...found.callerIds], context, async (tx) => {
    const promotion = (await tx.promotion(id))!;
    if (promotion.undoneAtMs !== null) return 'undone';
    const tariffs = await tx.tariffs([promotion.clientId, ...promotion.callerIds]);
    const refusals = uniqueRefusals(promotion, tariffs, context.rules.bucketSeconds);
    const figures = await figuresOf(tx, promotion, promotion.clientId, context);
    const plan = {
      ...figures,
      clientId: promotion.clientId,
      ...{ isNewClient: false, callers: promotion.callerIds.length, addedRanges: [], uncovered: 0, refusals },
    };
    if (context.isPreview || refusals.length > 0) return { ...plan, id: null };
    return { ...plan, id, posts: await tx.undo(promotion, reason) };
  });
}

function run<T>(
  clientIds: readonly string[],
  { books, isPreview, who }: PromotionContext,
  work: (tx: PromotionTransaction) => Promise<T>,
): Promise<T> {
  return isPreview ? books.preview(work) : books.change(clientIds, who, work);
}

function refusalsOf(asked: PromotionAsked, facts: PromotionFacts, bucketSeconds: number): PromotionRefusal[] {
  const refusals: PromotionRefusal[] = [];
  const { clientSource, unknownCallerIds } = facts;
  if (clientSource !== null && clientSource !== 'operator') refusals.push({ kind: 'address_client' });
  if (unknownCallerIds.length > 0) refusals.push({ kind: 'unknown_caller', callerIds: unknownCallerIds });
  refusals.push(...facts.overlaps.map((overlap) => ({ kind: 'overlaps' as const, ...overlap })));
  return [...refusals, ...uniqueRefusals(asked, facts.tariffs, bucketSeconds)];
}

function uniqueRefusals(
  span: Pick<PromotionAsked, 'clientId' | 'callerIds' | 'fromMs' | 'untilMs'>,
  tariffs: readonly TariffVersion[],
  bucketSeconds: number,
): PromotionRefusal[] {
  const counts = (clientId: string) =>
    timelineOf(clientId, tariffs, bucketSeconds).some(
      (period) => countsUnique(period) && period.fromMs < span.untilMs && period.toMs > span.fromMs,
    );
  const own = new Set(tariffs.map(({ clientId }) => clientId));
  // Callers without a tariff of their own have the default's.
  const different = [span.clientId, ...span.callerIds.filter((id) => own.has(id))];
  const clientId = different.find(counts) ?? span.callerIds.slice(0, 1).find(counts);
  return clientId === undefined ? [] : [{ kind: 'counts_unique', clientId }];
}

type MovedSpan = Pick<PromotionAsked, 'clientId' | 'callerIds' | 'fromMs' | 'untilMs'>;

/** @param holder the client that has the usage now; null: the callers. */
async function figuresOf(
  tx: PromotionTransaction,
  { clientId, callerIds, fromMs, untilMs }: MovedSpan,
  holder: string | null,
  { rules, who }: PromotionContext,
): Promise<MovedEffect & Pick<PromotionResult, 'posts'>> {
  const billed = billedWith(rules, who.atMs, fromMs);
  const bill = async (id: string, posts: readonly PostsAt[], sign: 1 | -1) =>
    billed(await tx.account(id), posts, sign);
  const all = await tx.posts(callerIds, holder, fromMs, untilMs);
  const parts = [await bill(clientId, all, holder === null ? 1 : -1)];
  for (const id of await tx.billable(callerIds, clientId, fromMs)) {
    parts.push(await bill(id, await tx.posts([id], holder, fromMs, untilMs), holder === null ? -1 : 1));
  }
  return {
    posts: sumOf(all),
    ...effectOf(parts),
  };
}
