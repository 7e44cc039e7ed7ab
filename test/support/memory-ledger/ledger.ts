/**
 * The whole ledger in memory, metering and billing over the same data: the simplest implementation of both contracts,
 * for tests and the simulation. Every change is a transaction; transactions run one after the other.
 */

import { randomBytes } from 'node:crypto';
import { sha256 as nodeSha256 } from '../../../src/adapters/crypto/sha256.ts';
import { invoiceActions } from '../../../src/invoice/actions.ts';
import { issue } from '../../../src/invoice/issue.ts';
import type { IssuingFacts } from '../../../src/invoice/issuing/facts.ts';
import { isInMatterOf } from '../../../src/invoice/matter.ts';
import type { Invoice } from '../../../src/invoice/model.ts';
import type { KnownDetails } from '../../../src/invoice/outcome.ts';
import type {
  BillingAccount,
  BillingHoldCount,
  BillingLedger,
  BillingRules,
  InvoiceActions,
  InvoiceDecision,
  InvoiceTransaction,
} from '../../../src/invoice/port.ts';
import type { Sha256 } from '../../../src/meter/chain/leaves.ts';
import type { Move } from '../../../src/meter/moves.ts';
import {
  type BillingHold,
  type ClientBucketPosts,
  MOVES_JOURNAL,
  type MovedPosts,
  type PostsPage,
  type TakenBatches,
  type UsageBatch,
  type UsageLedger,
} from '../../../src/meter/port.ts';
import type { Usage } from '../../../src/meter/usage.ts';
import type { TariffVersion } from '../../../src/tariff/tariff.ts';
import { TEST_SELLER_FACTS } from '../sellers.ts';
import { accountIn, breachOf, clearUnbillableIn } from './account.ts';
import {
  addUsage,
  booksOf,
  draftOf,
  emptyState,
  holdOf,
  isComputed,
  isOnHold,
  type LedgerState,
  markDirty,
} from './state.ts';
import { holdIn, lastSequenceOf, moveIn, skipLostIn, type TakeContext, takeIn } from './take.ts';

export interface MemoryLedgerOptions {
  readonly rules: BillingRules;
  /** The ledger's clock, epoch milliseconds UTC. Default: the machine's. */
  readonly nowMs?: () => number;
  readonly sha256?: Sha256;
  readonly randomBytes?: (length: number) => Uint8Array;
  /**
   * Awaited between the steps of a transaction and before its end. If it throws, the transaction fails as with a
   * broken connection, and nothing of it is kept.
   */
  readonly betweenSteps?: () => Promise<void>;
}

/** Small pages, so that readers cross page boundaries. */
const PAGE_POSTS = 20;

export class MemoryLedger implements UsageLedger, BillingLedger {
  readonly #options: MemoryLedgerOptions;
  readonly #actions: InvoiceActions;
  #state: LedgerState = emptyState();
  #leading = false;
  /** Runs transactions one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: MemoryLedgerOptions) {
    this.#options = options;
    const transaction = <T>(work: (tx: InvoiceTransaction) => Promise<T>) =>
      this.#transaction((draft) => work(this.#onInvoices(draft)));
    this.#actions = invoiceActions({ transaction }, options.rules, null);
  }

  /** The state as of the last transaction; immutable. */
  get state(): LedgerState {
    return this.#state;
  }

  /** Restores the ledger to an older state, or fails over to a copy. Transactions in progress fail. */
  restore(state: LedgerState): void {
    this.#state = { ...state };
  }

  take(batch: UsageBatch): Promise<number> {
    return this.#transaction((draft) => takeIn(draft, batch, this.#context()));
  }

  async lastSequence(journalId: string): Promise<number> {
    return lastSequenceOf(this.#state, journalId);
  }

  async taken(journalId: string, afterSequence: number, limit: number): Promise<TakenBatches> {
    const all = this.#state.batches.get(journalId) ?? [];
    const batches = all.filter(({ lastSequence }) => lastSequence > afterSequence);
    return { chainedFrom: 0, batches: batches.slice(0, limit) };
  }

  skipLost(journalId: string, firstSequence: number, lastSequence: number, reason: string): Promise<number> {
    const lost = { journalId, firstSequence, lastSequence };
    return this.#transaction((draft) => skipLostIn(draft, lost, reason, this.#context()));
  }

  holdClients(holds: readonly BillingHold[]): Promise<void> {
    return this.#transaction((draft) => holdIn(draft, holds));
  }

  /** Releases the hold of a client; null releases the hold of all clients. */
  release(clientId: string | null): Promise<void> {
    return this.#transaction((draft) => {
      draft.holds = draft.holds.filter((hold) => hold.clientId !== clientId);
    });
  }

  async clockMs(): Promise<number> {
    return this.#context().nowMs;
  }

  async movedPosts(afterSequence: number, limit: number): Promise<readonly MovedPosts[]> {
    return this.#state.movedPosts.slice(afterSequence, afterSequence + limit);
  }

  async *posts(fromMs: number): AsyncIterable<PostsPage> {
    const state = this.#state;
    const journals = [...state.batches.keys()];
    const sequences = new Map(journals.map((id) => [id, lastSequenceOf(state, id)]));
    sequences.set(MOVES_JOURNAL, state.movedPosts.length);
    const posts = [...state.usage]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([id, rows]) => sums(id, rows));
    const asked = posts.filter((one) => one.bucketMs >= fromMs);
    for (let at = 0; at === 0 || at < asked.length; at += PAGE_POSTS) {
      yield { sequences, posts: asked.slice(at, at + PAGE_POSTS) };
    }
  }

  /** Adds usage that came through no journal. */
  addUsage(clientId: string, rows: readonly Pick<Usage, 'bucketMs' | 'posts' | 'ids'>[]): Promise<void> {
    const rest = { clientId, identifierId: 'i', requests: 1, refused: 0, bytes: 0, uncounted: 0 };
    return this.#transaction((draft) => {
      addUsage(
        draft,
        rows.map((row) => ({ ...rest, ...row })),
      );
      for (const row of rows) markDirty(draft, clientId, row.bucketMs);
    });
  }

  addTariff(version: TariffVersion): Promise<void> {
    return this.#transaction((draft) => {
      draft.tariffs = [...draft.tariffs, version];
      const all = new Set([...draft.books.keys(), ...draft.usage.keys()]);
      const concerned = version.clientId === null ? all : [version.clientId];
      for (const clientId of concerned) markDirty(draft, clientId, version.validFromMs);
    });
  }

  setDetails(clientId: string, details: KnownDetails): Promise<void> {
    return this.#transaction(
      (draft) => void draft.books.set(clientId, { ...booksOf(draft, clientId), details }),
    );
  }

  /** Moves an identifier's existing and later usage to another client. */
  move(move: Move): Promise<void> {
    return this.#transaction((draft) => moveIn(draft, move));
  }

  async lead<T>(run: () => Promise<T>): Promise<T | undefined> {
    if (this.#leading) return undefined;
    this.#leading = true;
    try {
      return await run();
    } finally {
      this.#leading = false;
    }
  }

  async openBooks(): Promise<number> {
    return 0;
  }

  /** Its numbers are stored nowhere else, so there is nothing to compare. */
  async compareNumbers(): Promise<void> {}

  clearUnbillable(): Promise<number> {
    return this.#transaction(clearUnbillableIn);
  }

  async dueClients(nowMs: number, after: string | null, limit: number): Promise<readonly string[]> {
    const due = [...this.#state.books].filter(
      ([clientId, { dirtyFromMs, dueAtMs }]) =>
        (dirtyFromMs !== null || (dueAtMs ?? Number.POSITIVE_INFINITY) <= nowMs) &&
        isComputed(this.#state, clientId),
    );
    const ids = due.map(([clientId]) => clientId).filter((id) => after === null || id > after);
    return ids.sort().slice(0, limit);
  }

  async holdCounts(): Promise<readonly BillingHoldCount[]> {
    const codes = [...new Set(this.#state.holds.map(({ code }) => code))];
    return codes.map((code) => {
      const its = this.#state.holds.filter((hold) => hold.code === code);
      const named = its.filter(({ clientId }) => clientId !== null);
      return { code, clients: named.length, isForAll: named.length < its.length };
    });
  }

  withAccount<T>(clientId: string, work: (account: BillingAccount) => Promise<T>): Promise<T> {
    return this.#transaction((draft) => work(accountIn(draft, clientId, this.#options.rules.bucketSeconds)));
  }

  async draftsToIssue(nowMs: number): Promise<readonly string[]> {
    const state = this.#state;
    const drafts = [...state.invoices.values()].filter(
      ({ status, clientId }) => (status === 'draft' || status === 'approved') && !isOnHold(state, clientId),
    );
    const mayIssue = (invoice: Invoice) =>
      issue(
        invoice,
        breachOf(state, invoice),
        booksOf(state, invoice.clientId).details,
        issuingFactsOf(state, invoice),
        this.#options.rules,
        nowMs,
      ).kind === 'may_issue';
    return drafts.filter(mayIssue).map((invoice) => invoice.id);
  }

  approveInvoice: BillingLedger['approveInvoice'] = (...call) => this.#actions.approveInvoice(...call);
  rejectInvoice: BillingLedger['rejectInvoice'] = (...call) => this.#actions.rejectInvoice(...call);
  issueInvoice: BillingLedger['issueInvoice'] = (...call) => this.#actions.issueInvoice(...call);

  #onInvoices(draft: LedgerState): InvoiceTransaction {
    return {
      lockInvoice: async (id) => {
        const invoice = draft.invoices.get(id);
        if (invoice === undefined) return null;
        const { details, dirtyFromMs } = booksOf(draft, invoice.clientId);
        const hold = holdOf(draft, invoice.clientId) ?? null;
        return { invoice, breach: breachOf(draft, invoice), details, hold, dirtyFromMs };
      },
      tariffs: async () => draft.tariffs,
      issuing: async (invoice) => issuingFactsOf(draft, invoice),
      tokens: async () => [],
      basis: async () => ({ readings: [], seal: () => null }),
      lockLastNumber: async () => draft.lastNumber,
      save: async (decision) => saveIn(draft, decision),
      saveIssued: async (decision) => {
        draft.lastNumber = decision.after.number!;
        await this.#options.betweenSteps?.();
        saveIn(draft, decision);
      },
    };
  }

  /** Keeps the changes of `work` to the draft, or none if it throws or the ledger was restored meanwhile. */
  #transaction<T>(work: (draft: LedgerState) => T | Promise<T>): Promise<T> {
    const result = this.#turn.then(async () => {
      const before = this.#state;
      const draft = draftOf(before);
      const answer = await work(draft);
      await this.#options.betweenSteps?.();
      if (this.#state !== before)
        throw new Error('the ledger has failed over; nothing of the transaction is kept');
      this.#state = draft;
      return answer;
    });
    this.#turn = result.catch(() => {});
    return result;
  }

  #context(): TakeContext {
    const { nowMs = Date.now, sha256 = nodeSha256, randomBytes: random = randomBytes } = this.#options;
    return { nowMs: nowMs(), sha256, randomBytes: random };
  }
}

/** Posts by bucket, summed over the identifiers of a client. */
function sums(clientId: string, rows: ReadonlyMap<string, Usage>): ClientBucketPosts[] {
  const byBucket = new Map<number, number>();
  for (const { bucketMs, posts } of rows.values()) {
    if (posts > 0) byBucket.set(bucketMs, (byBucket.get(bucketMs) ?? 0) + posts);
  }
  const buckets = [...byBucket].sort(([a], [b]) => a - b);
  return buckets.map(([bucketMs, posts]) => ({ clientId, bucketMs, posts }));
}

function issuingFactsOf(state: LedgerState, invoice: Invoice): IssuingFacts {
  const { correctsId } = invoice;
  const issued = [...state.invoices.values()].filter((one) => one.status === 'issued');
  const matter = issued.filter((one) => isInMatterOf(one, invoice));
  return {
    ...TEST_SELLER_FACTS,
    corrected: issued.find(({ id }) => id === correctsId) ?? null,
    issuedNetMinor: matter.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
  };
}

function saveIn(draft: LedgerState, { after, actor, action }: InvoiceDecision): void {
  draft.invoices.set(after.id, after);
  draft.audit = [...draft.audit, { actor, action, invoiceId: after.id }];
}
