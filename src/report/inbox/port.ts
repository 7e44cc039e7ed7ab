/** The port of the inbox: what the ledger knows of whatever may wait for a person. */

import type { BillingRules, DecidableInvoice } from '../../invoice/port.ts';
import type { InvoiceState } from '../../invoice/state.ts';
import type { BillingHold } from '../../meter/port.ts';
import type { ProposalKind } from '../../proposal/model.ts';
import type { KnownToken } from '../../proposal/second-person.ts';
import type { DunningCase, DunningLevel } from '../../receivable/dunning.ts';
import type { DisputeGround } from '../../receivable/model.ts';
import type { ClaimExpiry } from '../../seller/claim-expiry.ts';
import type { CoDebtor } from '../../seller/model.ts';

/** An issued invoice on which something is owed. */
export interface OwedInvoice extends DunningCase {
  readonly id: string;
  /** As printed. */
  readonly number: string;
  readonly clientId: string;
  readonly currency: string;
  readonly balanceMinor: bigint;
  readonly issuedAtMs: number;
  readonly levels: readonly DunningLevel[];
  readonly claimExpiries: readonly ClaimExpiry[];
  /** The open dispute; null if there is none. */
  readonly dispute: {
    readonly openedAtMs: number;
    readonly ground: DisputeGround;
    readonly isAnswered: boolean;
    readonly disputedMinor: bigint;
  } | null;
}

/** A draft or an approved invoice whose amount is final. */
export interface FinalDraft {
  readonly state: Extract<InvoiceState, 'to_approve' | 'to_issue'>;
  readonly found: DecidableInvoice;
}

/** Each list has at most some hundred members, the oldest ones. */
export interface InboxFacts {
  readonly drafts: readonly FinalDraft[];
  /** All active tokens. */
  readonly tokens: readonly KnownToken[];
  /** Without a decision. */
  readonly proposals: ReadonlyArray<{
    readonly id: string;
    readonly kind: ProposalKind;
    readonly subject: string;
    readonly reason: string;
    readonly by: string;
    readonly tokenId: string | null;
    readonly atMs: number;
  }>;
  readonly owed: readonly OwedInvoice[];
  /** Payments of which something is left. */
  readonly payments: ReadonlyArray<{
    readonly id: string;
    readonly clientId: string | null;
    readonly payer: string | null;
    readonly reference: string | null;
    readonly currency: string;
    readonly leftMinor: bigint;
    readonly atMs: number;
  }>;
  /** In force. */
  readonly holds: ReadonlyArray<
    Pick<BillingHold, 'code' | 'reason'> & {
      readonly id: string;
      readonly clientId: string | null;
      readonly atMs: number;
    }
  >;
  readonly messages: ReadonlyArray<{
    readonly id: string;
    readonly event: string;
    readonly receiver: string;
    readonly atMs: number;
  }>;
  readonly coDebtors: ReadonlyArray<CoDebtor & { readonly atMs: number }>;
  readonly documents: ReadonlyArray<{
    readonly subject: string;
    /** The invoice of the subject; null for a statement. */
    readonly invoiceId: string | null;
    readonly clientId: string | null;
    readonly code: string;
    readonly detail: string;
    readonly atMs: number;
  }>;
}

export interface InboxBooks {
  facts(rules: BillingRules, nowMs: number): Promise<InboxFacts>;
}
