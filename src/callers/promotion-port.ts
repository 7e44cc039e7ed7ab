/** What naming callers as one client reads from the ledger, and what it writes. All of it is one transaction. */

import type { BillingAccount } from '../invoice/port.ts';
import type { PostsAt } from '../tariff/posts.ts';
import type { TariffVersion } from '../tariff/tariff.ts';

/** Callers that are named as one client, new or existing. */
export interface PromotionAsked {
  readonly clientId: string;
  /** Null: the id. An existing client keeps its name. */
  readonly name: string | null;
  readonly callerIds: readonly string[];
  /** Address ranges in canonical form that belong to the client from now on. */
  readonly ranges: readonly string[];
  /** Starts of buckets: usage in [fromMs, untilMs) moves, usage that arrives later included. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly reason: string;
}

/** A past promotion, as the ledger keeps it. */
export interface Promotion {
  readonly id: string;
  readonly clientId: string;
  readonly callerIds: readonly string[];
  readonly identifierIds: readonly string[];
  readonly fromMs: number;
  readonly untilMs: number;
  /** Posts that moved at that time. */
  readonly posts: number;
  readonly atMs: number;
  readonly actor: string;
  readonly reason: string;
  readonly undoneAtMs: number | null;
  readonly undoneBy: string | null;
}

export interface PromotionFacts {
  /** `operator` for a client that an operator created; null for one that does not exist. */
  readonly clientSource: string | null;
  /** Named callers that the ledger does not have. */
  readonly unknownCallerIds: readonly string[];
  /** Callers whose usage is still theirs: those with usage in the span, or without an earlier move to the client. */
  readonly movableIds: readonly string[];
  /** Asked ranges that no active range of the client contains. */
  readonly newRanges: readonly string[];
  readonly overlaps: readonly RangeOverlap[];
  /** Callers in none of the client's ranges, asked ones included. */
  readonly uncovered: number;
  /** Versions of the client, of the callers and of the default tariff. */
  readonly tariffs: readonly TariffVersion[];
}

/** An asked range that overlaps an active range of another client. */
export interface RangeOverlap {
  readonly range: string;
  readonly clientId: string;
  readonly cidr: string;
}

export interface PromotionTransaction {
  facts(asked: PromotionAsked): Promise<PromotionFacts>;
  /** Null if there is none with this id. Locked until the transaction ends, unless it is a preview. */
  promotion(id: string): Promise<Promotion | null>;
  /** Versions of the client, of the callers and of the default tariff. */
  tariffs(clientIds: readonly string[]): Promise<readonly TariffVersion[]>;
  /**
   * Those of the callers that may have a breach or a licence, with their usage since `sinceMs` and what `clientId` has of
   * them: all others are skipped (`canBeSkipped`).
   */
  billable(callerIds: readonly string[], clientId: string, sinceMs: number): Promise<readonly string[]>;
  /** For reading: `write` is not called. */
  account(clientId: string): Promise<BillingAccount>;
  /** Posts by bucket in the span of the callers' own usage, or of what `holder` has of it. In order of time. */
  posts(
    callerIds: readonly string[],
    holder: string | null,
    fromMs: number,
    untilMs: number,
  ): Promise<PostsAt[]>;
  /** Writes the promotion of these callers. Returns its id and the posts that moved. */
  promote(
    asked: PromotionAsked,
    facts: PromotionFacts,
  ): Promise<{ readonly id: string; readonly posts: number }>;
  /** Moves the usage back and revokes the ranges. Returns the posts that moved. */
  undo(promotion: Promotion, reason: string): Promise<number>;
}

export interface PromotionBooks {
  /** Runs `work` on one snapshot that it cannot change, without locks. */
  preview<T>(work: (tx: PromotionTransaction) => Promise<T>): Promise<T>;
  /** Runs `work` under the locks of usage, ranges and the billing of these clients. Rolled back if it throws. */
  change<T>(
    clientIds: readonly string[],
    who: { readonly actor: string; readonly atMs: number },
    work: (tx: PromotionTransaction) => Promise<T>,
  ): Promise<T>;
  /** Newest first. */
  promotions(limit: number, beforeId: string | null): Promise<readonly Promotion[]>;
}
