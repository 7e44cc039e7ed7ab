/**
 * The complete state of a memory ledger, an immutable value. A transaction works on a draft and replaces the state
 * with it, so a reader of an older state sees the ledger as of that time.
 */

import type { Breach, Invoice } from '../../../src/invoice/model.ts';
import type { KnownDetails } from '../../../src/invoice/outcome.ts';
import type { BillingNote, InvoiceDecision } from '../../../src/invoice/port.ts';
import type { LinkConfiguration } from '../../../src/meter/chain/configurations.ts';
import type { JournalGap } from '../../../src/meter/gaps.ts';
import type { Move } from '../../../src/meter/moves.ts';
import type { BillingHold, MovedPosts, TakenBatch } from '../../../src/meter/port.ts';
import type { Usage } from '../../../src/meter/usage.ts';
import { plus } from '../../../src/meter/usage-sums.ts';
import type { TariffVersion } from '../../../src/tariff/tariff.ts';

/** A batch with its place in the journal's hash chain. */
export interface ChainedBatch extends TakenBatch {
  readonly takenAtMs: number;
  readonly gaps: readonly JournalGap[];
  readonly configurations: readonly LinkConfiguration[];
  readonly salt: Uint8Array;
  readonly previousHash: Uint8Array;
  readonly hash: Uint8Array;
}

/** What billing knows of a client, apart from its usage. */
export interface ClientBooks {
  readonly dirtyFromMs: number | null;
  readonly dueAtMs: number | null;
  readonly details: KnownDetails;
}

export interface MemoryNote {
  readonly actor: string;
  readonly action: BillingNote['action'] | InvoiceDecision['action'];
  readonly invoiceId: string;
}

export interface LedgerState {
  /** Client -> identifier and bucket -> usage. */
  readonly usage: Map<string, ReadonlyMap<string, Usage>>;
  /** Each journal's batches, oldest first, without a gap. */
  readonly batches: Map<string, readonly ChainedBatch[]>;
  readonly books: Map<string, ClientBooks>;
  readonly breaches: Map<string, Breach>;
  readonly invoices: Map<string, Invoice>;
  tariffs: readonly TariffVersion[];
  moves: readonly Move[];
  movedPosts: readonly MovedPosts[];
  /** Active billing holds. */
  holds: readonly BillingHold[];
  audit: readonly MemoryNote[];
  lastNumber: number;
}

const NO_DETAILS: KnownDetails = { legalName: null, address: null, email: null, taxId: null, currency: null };
const NEW_BOOKS: ClientBooks = { dirtyFromMs: null, dueAtMs: null, details: NO_DETAILS };

export function emptyState(): LedgerState {
  return {
    usage: new Map(),
    batches: new Map(),
    books: new Map(),
    breaches: new Map(),
    invoices: new Map(),
    tariffs: [],
    moves: [],
    movedPosts: [],
    holds: [],
    audit: [],
    lastNumber: 0,
  };
}

/** Returns a copy; changes to it do not affect the original. */
export function draftOf(state: LedgerState): LedgerState {
  return {
    ...state,
    usage: new Map(state.usage),
    batches: new Map(state.batches),
    books: new Map(state.books),
    breaches: new Map(state.breaches),
    invoices: new Map(state.invoices),
  };
}

export function booksOf(state: LedgerState, clientId: string): ClientBooks {
  return state.books.get(clientId) ?? NEW_BOOKS;
}

export function usageOfClient(state: LedgerState, clientId: string): readonly Usage[] {
  return [...(state.usage.get(clientId)?.values() ?? [])];
}

/** Adds usage to the existing rows of the same client, identifier and bucket. */
export function addUsage(draft: LedgerState, usage: readonly Usage[]): void {
  const drafted = new Map<string, Map<string, Usage>>();
  for (const one of usage) {
    let rows = drafted.get(one.clientId);
    if (rows === undefined) {
      rows = new Map(draft.usage.get(one.clientId));
      drafted.set(one.clientId, rows);
      draft.usage.set(one.clientId, rows);
    }
    const key = `${one.bucketMs} ${one.identifierId}`;
    const sum = rows.get(key);
    rows.set(key, sum === undefined ? one : plus(sum, one));
  }
}

/** A mark only moves back in time. */
export function markDirty(draft: LedgerState, clientId: string, fromMs: number): void {
  const books = booksOf(draft, clientId);
  draft.books.set(clientId, { ...books, dirtyFromMs: Math.min(fromMs, books.dirtyFromMs ?? fromMs) });
}

export function isOnHold(state: LedgerState, clientId: string): boolean {
  return holdOf(state, clientId) !== undefined;
}

/** True if breaches and drafts of the client are computed. A ledger restored to an older state only stops issuing. */
export function isComputed(state: LedgerState, clientId: string): boolean {
  return !state.holds.some(
    (hold) => hold.code !== 'ledger_set_back' && (hold.clientId === null || hold.clientId === clientId),
  );
}

export function holdOf(state: LedgerState, clientId: string): BillingHold | undefined {
  return state.holds.find((hold) => hold.clientId === null || hold.clientId === clientId);
}
