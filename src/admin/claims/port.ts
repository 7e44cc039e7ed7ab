/** The port of what happens to a claim besides money: disputes and reminders of issued invoices. */

import type { DisputeFault } from '../../receivable/dispute.ts';
import type { DunningObstacle } from '../../receivable/dunning.ts';
import type { Dispute, DisputeOutcome } from '../../receivable/model.ts';
import type { Actor } from '../port.ts';

export type NewDispute = Pick<Dispute, 'id' | 'invoiceId' | 'ground' | 'text' | 'disputedMinor'>;

/** A change of a dispute, or why it is refused. */
export type DisputeResult =
  | { readonly kind: 'written'; readonly dispute: Dispute }
  | { readonly kind: 'refused'; readonly fault: DisputeFault };

/** A level of dunning that an invoice has reached. */
export interface DunningRecord {
  readonly id: string;
  readonly invoiceId: string;
  readonly level: number;
  readonly atMs: number;
  /** `billing` for the job. */
  readonly actor: string;
}

export type RemindResult =
  | { readonly kind: 'reminded'; readonly dunning: DunningRecord }
  | { readonly kind: 'refused'; readonly obstacle: DunningObstacle | 'no_book' };

export interface ClaimDesk {
  /** Dunning of the invoice rests until the dispute is resolved. */
  openDispute(dispute: NewDispute, who: Actor): Promise<DisputeResult>;
  answerDispute(id: string, answer: string, who: Actor): Promise<DisputeResult>;
  resolveDispute(id: string, outcome: DisputeOutcome, text: string, who: Actor): Promise<DisputeResult>;
  dispute(id: string): Promise<Dispute | null>;
  /** Oldest first. */
  disputes(invoiceId: string): Promise<readonly Dispute[]>;
  /** Reminds at the next level at once, whether it is automatic or not. */
  remind(invoiceId: string, who: Actor): Promise<RemindResult>;
  /** In the order of their levels. */
  dunnings(invoiceId: string): Promise<readonly DunningRecord[]>;
}
