/** Takes batches of usage into the memory ledger: their usage, their link in the journal's chain, their sequence. */

import { inForce } from '../../../src/meter/chain/configurations.ts';
import { leavesOf, type Sha256 } from '../../../src/meter/chain/leaves.ts';
import { type BatchKind, contentRoot, GENESIS, linkHash, SALT_BYTES } from '../../../src/meter/chain/link.ts';
import { isPrefix } from '../../../src/meter/client-id.ts';
import { futureUsageHolds } from '../../../src/meter/future-usage.ts';
import { mergeGaps } from '../../../src/meter/gaps.ts';
import { type Move, moved, postsMoved } from '../../../src/meter/moves.ts';
import type { BillingHold, UsageBatch } from '../../../src/meter/port.ts';
import type { Usage } from '../../../src/meter/usage.ts';
import { addUsage, type LedgerState, markDirty } from './state.ts';

/** What a ledger needs from outside to take a batch. */
export interface TakeContext {
  readonly nowMs: number;
  readonly sha256: Sha256;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** The last sequence that the ledger has of a journal; 0 for an unknown one. */
export function lastSequenceOf(state: LedgerState, journalId: string): number {
  return state.batches.get(journalId)?.at(-1)?.lastSequence ?? 0;
}

/** Implements `UsageLedger.take`. */
export function takeIn(draft: LedgerState, batch: UsageBatch, context: TakeContext): number {
  const last = lastSequenceOf(draft, batch.journalId);
  if (batch.firstSequence !== last + 1 || batch.lastSequence <= last) return last;
  const usage = moved(batch.usage, draft.moves);
  addUsage(draft, usage);
  for (const { clientId, bucketMs, posts } of usage) {
    if (posts > 0 && !isPrefix(clientId)) markDirty(draft, clientId, bucketMs);
  }
  noteMoved(draft, batch.usage, usage);
  holdIn(draft, futureUsageHolds({ ...batch, usage }, context.nowMs));
  addLink(draft, 'usage', batch, context);
  return batch.lastSequence;
}

/** Implements `UsageLedger.skipLost`. */
export function skipLostIn(
  draft: LedgerState,
  lost: Pick<UsageBatch, 'journalId' | 'firstSequence' | 'lastSequence'>,
  reason: string,
  context: TakeContext,
): number {
  const last = lastSequenceOf(draft, lost.journalId);
  if (lost.firstSequence !== last + 1 || lost.lastSequence <= last) return last;
  holdIn(draft, [{ clientId: null, code: 'records_lost', reason }]);
  addLink(draft, 'lost', { ...lost, usage: [] }, context);
  return lost.lastSequence;
}

/** A client that is already on hold with the same code is unchanged. */
export function holdIn(draft: LedgerState, holds: readonly BillingHold[]): void {
  const isNew = ({ clientId, code }: BillingHold) =>
    !draft.holds.some((hold) => hold.clientId === clientId && hold.code === code);
  for (const hold of holds) if (isNew(hold)) draft.holds = [...draft.holds, hold];
}

/** Applies a move to existing and later usage (src/meter/moves.ts). */
export function moveIn(draft: LedgerState, move: Move): void {
  draft.moves = [...draft.moves, move];
  const rows = [...(draft.usage.get(move.fromClientId) ?? [])];
  const concerned = rows.filter(([, row]) => moved([row], [move])[0] !== row);
  if (concerned.length === 0) return;
  const keys = new Set(concerned.map(([key]) => key));
  draft.usage.set(move.fromClientId, new Map(rows.filter(([key]) => !keys.has(key))));
  const usage = concerned.map(([, row]) => row);
  const after = moved(usage, [move]);
  addUsage(draft, after);
  noteMoved(draft, usage, after);
  const earliestMs = Math.min(...usage.map((row) => row.bucketMs));
  for (const clientId of [move.fromClientId, move.toClientId]) markDirty(draft, clientId, earliestMs);
}

function noteMoved(draft: LedgerState, before: readonly Usage[], after: readonly Usage[]): void {
  const last = draft.movedPosts.length;
  const added = postsMoved(before, after).map((one, index) => ({ ...one, sequence: last + index + 1 }));
  draft.movedPosts = [...draft.movedPosts, ...added];
}

function addLink(draft: LedgerState, kind: BatchKind, batch: UsageBatch, context: TakeContext): void {
  const { journalId, firstSequence, lastSequence } = batch;
  const gaps = mergeGaps(batch.gaps ?? []);
  const before = draft.batches.get(journalId) ?? [];
  const leaves = leavesOf(batch.usage);
  const salt = context.randomBytes(SALT_BYTES);
  const previousHash = before.at(-1)?.hash ?? GENESIS;
  const begun = (batch.configurations ?? []).map(({ content, ...named }) => named);
  const known = [...(before.at(-1)?.configurations ?? []), ...begun];
  const configurations = inForce(known, firstSequence, lastSequence);
  const { nowMs: takenAtMs } = context;
  const facts = { journalId, firstSequence, lastSequence, kind, takenAtMs, gaps, configurations };
  const hash = linkHash(previousHash, facts, contentRoot(salt, leaves, context.sha256), context.sha256);
  const link = { ...facts, leaves, salt, previousHash, hash };
  draft.batches.set(journalId, [...before, link]);
}
