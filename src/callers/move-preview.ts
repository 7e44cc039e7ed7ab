/** What the move of one identifier would do, computed on a snapshot of the ledger: posts that move, and their billing. */

import type { IdentifierMove, MoveRefusal } from '../identify/move-refusal.ts';
import type { BillingAccount, BillingRules } from '../invoice/port.ts';
import { type PostsAt, sumOf } from '../tariff/posts.ts';
import { billedWith, effectOf, type MovedEffect } from './moved-usage.ts';

/** One snapshot of the ledger. */
export interface MoveSnapshot {
  /** Null if the identifier may be moved. */
  refusal(move: IdentifierMove): Promise<MoveRefusal | null>;
  /** For reading: `write` is not called. */
  account(clientId: string): Promise<BillingAccount>;
  /** Posts by bucket that the move takes with it, in order of time. */
  posts(move: IdentifierMove): Promise<readonly PostsAt[]>;
}

export interface MovePreview extends MovedEffect {
  readonly kind: 'preview';
  /** Posts that are in the ledger now. */
  readonly posts: number;
}

export async function previewMove(
  move: IdentifierMove,
  snapshot: MoveSnapshot,
  rules: BillingRules,
  nowMs: number,
): Promise<MovePreview | MoveRefusal> {
  const refusal = await snapshot.refusal(move);
  if (refusal !== null) return refusal;
  const posts = await snapshot.posts(move);
  const bill = billedWith(rules, nowMs, move.fromMs);
  const parts = [
    await bill(await snapshot.account(move.fromClientId), posts, -1),
    await bill(await snapshot.account(move.toClientId), posts, 1),
  ];
  return { kind: 'preview', posts: sumOf(posts), ...effectOf(parts) };
}
