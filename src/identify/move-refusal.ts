/** Who may move an identifier, with its usage of a span of time, to another client. */

import { countsUnique } from '../tariff/counted.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import { timelineOf } from '../tariff/timeline.ts';

export interface IdentifierMove {
  readonly identifierId: string;
  readonly fromClientId: string;
  readonly toClientId: string;
  /** Starts of buckets. If `untilMs` is null, the move is permanent. */
  readonly fromMs: number;
  readonly untilMs: number | null;
}

export type MoveRefusal =
  | { readonly kind: 'unknown_client' }
  | { readonly kind: 'unknown_identifier' }
  | { readonly kind: 'unknown_target' }
  /** The target client is identified by its address alone and can never be billed. */
  | { readonly kind: 'address_target' }
  | { readonly kind: 'overlaps'; readonly clientId: string; readonly cidr: string }
  /**
   * The tariff of one of the two clients counts unique posts in that time. They are kept per client and cannot be split
   * by identifier.
   */
  | { readonly kind: 'counts_unique'; readonly clientId: string };

/** What the ledger knows of a move. */
export interface MoveFacts {
  /** `operator` for a client that an operator created; null for an unknown one. */
  readonly fromSource: string | null;
  readonly toSource: string | null;
  /** True if the client has the identifier, revoked or not. */
  readonly hasIdentifier: boolean;
  /** An active range that overlaps the moved one and does not belong to the target; null if there is none. */
  readonly overlap: { readonly clientId: string; readonly cidr: string } | null;
  /** The versions of both clients and of the default tariff. */
  readonly tariffs: readonly TariffVersion[];
}

/** Returns null if the identifier may be moved. */
export function moveRefusal(move: IdentifierMove, facts: MoveFacts): MoveRefusal | null {
  const { identifierId, fromClientId, toClientId, fromMs } = move;
  if (facts.fromSource === null) return { kind: 'unknown_client' };
  if (facts.toSource === null) return { kind: 'unknown_target' };
  if (facts.toSource !== 'operator') return { kind: 'address_target' };
  // A caller known by its address is its own identifier.
  const isKnown = facts.fromSource === 'operator' ? facts.hasIdentifier : identifierId === fromClientId;
  if (!isKnown) return { kind: 'unknown_identifier' };
  if (facts.overlap !== null) return { kind: 'overlaps', ...facts.overlap };
  const untilMs = move.untilMs ?? Number.POSITIVE_INFINITY;
  const clientId = [fromClientId, toClientId].find((id) =>
    // Buckets of 1 s are never longer than the billed buckets.
    timelineOf(id, facts.tariffs, 1).some(
      (period) => countsUnique(period) && period.fromMs < untilMs && period.toMs > fromMs,
    ),
  );
  return clientId === undefined ? null : { kind: 'counts_unique', clientId };
}
