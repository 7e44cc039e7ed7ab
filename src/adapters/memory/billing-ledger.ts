/** Billing's side of the ledger in memory: for a process that keeps nothing, and the plainest form of the contract. */

import { approve, issue, type KnownDetails } from '../../invoice/issue.ts';
import type { Breach, Invoice } from '../../invoice/model.ts';
import type {
  BillingAccount,
  BillingChanges,
  BillingLedger,
  BillingNote,
  BillingRules,
} from '../../invoice/port.ts';
import { isStale, STALE } from '../../invoice/stale.ts';
import { countsUnique } from '../../tariff/counted.ts';
import type { TariffVersion } from '../../tariff/tariff.ts';
import { timelineOf } from '../../tariff/timeline.ts';
import { type ServedRow, servedAt } from './served.ts';

const NO_DETAILS: KnownDetails = { legalName: null, address: null, email: null, taxId: null, currency: null };

export interface MemoryNote {
  readonly actor: string;
  readonly action: BillingNote['action'] | 'invoice.approved' | 'invoice.issued';
  readonly invoiceId: string;
}

interface Books {
  dirtyFromMs: number | null;
  dueAtMs: number | null;
  details: KnownDetails;
  usage: ServedRow[];
  breaches: Map<string, Breach>;
  invoices: Map<string, Invoice>;
}

export class MemoryBillingLedger implements BillingLedger {
  readonly tariffs: TariffVersion[] = [];
  readonly audit: MemoryNote[] = [];
  readonly #books = new Map<string, Books>();
  readonly #rules: BillingRules;
  #lastNumber = 0;
  #running = false;
  /** Work on books goes one after the other, as a lock would have it. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(rules: BillingRules) {
    this.#rules = rules;
  }

  addUsage(clientId: string, rows: readonly ServedRow[]): void {
    const books = this.booksOf(clientId);
    books.usage.push(...rows);
    for (const row of rows) this.#mark(books, row.bucketMs);
  }

  addTariff(version: TariffVersion): void {
    this.tariffs.push(version);
    const concerned = version.clientId === null ? this.#books.values() : [this.booksOf(version.clientId)];
    for (const books of concerned) this.#mark(books, version.validFromMs);
  }

  setDetails(clientId: string, details: KnownDetails): void {
    this.booksOf(clientId).details = details;
  }

  booksOf(clientId: string): Books {
    let books = this.#books.get(clientId);
    if (books === undefined) {
      const empty = { usage: [], breaches: new Map(), invoices: new Map() };
      books = { dirtyFromMs: null, dueAtMs: null, details: NO_DETAILS, ...empty };
      this.#books.set(clientId, books);
    }
    return books;
  }

  async lead<T>(run: () => Promise<T>): Promise<T | undefined> {
    if (this.#running) return undefined;
    this.#running = true;
    try {
      return await run();
    } finally {
      this.#running = false;
    }
  }

  async dropHarmless(): Promise<number> {
    const general = this.tariffs.flatMap((version) => (version.clientId === null ? [version.tariff] : []));
    if (general.some((tariff) => tariff?.kind === 'licence')) return 0;
    const damages = general.filter((tariff) => tariff?.kind === 'damages');
    const threshold = Math.min(...damages.map((tariff) => tariff.threshold));
    const spanMs = Math.max(0, ...damages.map((tariff) => tariff.windowSeconds * 1000));
    let dropped = 0;
    for (const [clientId, books] of this.#books) {
      if (books.dirtyFromMs === null) continue;
      const fromMs = books.dirtyFromMs - spanMs;
      const since = books.usage.filter((row) => row.bucketMs >= fromMs);
      const harmless =
        since.reduce((sum, row) => sum + row.posts, 0) <= threshold &&
        this.tariffs.every((version) => version.clientId !== clientId) &&
        [...books.breaches.values()].every((breach) => breach.stretchToMs < fromMs) &&
        [...books.invoices.values()].every((invoice) => invoice.monthMs === null);
      if (!harmless) continue;
      books.dirtyFromMs = null;
      dropped++;
    }
    return dropped;
  }

  async dueClients(nowMs: number, after: string | null, limit: number): Promise<readonly string[]> {
    const due = [...this.#books].filter(
      ([, books]) => books.dirtyFromMs !== null || (books.dueAtMs ?? Number.POSITIVE_INFINITY) <= nowMs,
    );
    const ids = due.map(([clientId]) => clientId).filter((id) => after === null || id > after);
    return ids.sort().slice(0, limit);
  }

  withAccount<T>(clientId: string, work: (account: BillingAccount) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      const written: BillingChanges[] = [];
      const result = await work(this.#account(clientId, written));
      for (const changes of written) this.#keep(clientId, changes);
      return result;
    });
  }

  async draftsToIssue(nowMs: number): Promise<readonly string[]> {
    const invoices = [...this.#books.values()].flatMap((books) => [...books.invoices.values()]);
    return invoices
      .filter((invoice) => {
        if (invoice.status !== 'draft' && invoice.status !== 'approved') return false;
        const { details } = this.booksOf(invoice.clientId);
        return issue(invoice, this.#breachOf(invoice), details, this.#rules, nowMs).kind === 'may_issue';
      })
      .map((invoice) => invoice.id);
  }

  approveInvoice: BillingLedger['approveInvoice'] = (id, actor, nowMs) =>
    this.#inTurn(async () => {
      const invoice = this.#find(id);
      if (invoice === undefined) return { kind: 'not_found' };
      const outcome = approve(invoice, this.#breachOf(invoice), this.#rules, actor, nowMs);
      if (outcome.kind === 'approved') this.#replace(outcome.invoice, actor, 'invoice.approved');
      return outcome;
    });

  issueInvoice: BillingLedger['issueInvoice'] = (id, actor, nowMs) =>
    this.#inTurn(async () => {
      const invoice = this.#find(id);
      if (invoice === undefined) return { kind: 'not_found' };
      const { details, dirtyFromMs } = this.booksOf(invoice.clientId);
      const breach = this.#breachOf(invoice);
      const outcome = issue(invoice, breach, details, this.#rules, nowMs);
      if (outcome.kind !== 'may_issue') return outcome;
      if (isStale(invoice, breach, dirtyFromMs, this.tariffs, this.#rules.bucketSeconds)) return STALE;
      const issued = { ...outcome.invoice, number: ++this.#lastNumber };
      this.#replace(issued, actor, 'invoice.issued');
      return { kind: 'issued', number: issued.number, invoice: issued };
    });

  #account(clientId: string, written: BillingChanges[]): BillingAccount {
    const books = this.booksOf(clientId);
    return {
      clientId,
      dirtyFromMs: books.dirtyFromMs,
      tariffs: this.tariffs.filter((version) => version.clientId === null || version.clientId === clientId),
      breachesReaching: async (fromMs) =>
        [...books.breaches.values()].filter(
          ({ stretchToMs, state }) => stretchToMs >= fromMs || state === 'open' || state === 'settling',
        ),
      usage: async (fromMs) => {
        const periods = timelineOf(clientId, this.tariffs, this.#rules.bucketSeconds).filter(countsUnique);
        const served = servedAt(books.usage, (bucketMs) =>
          periods.some((period) => period.fromMs <= bucketMs && bucketMs < period.toMs),
        );
        return served.filter((row) => row.bucketMs >= fromMs && row.posts > 0);
      },
      invoices: async (breachIds, fromMonthMs) =>
        [...books.invoices.values()].filter(
          ({ breachId, monthMs, status }) =>
            status !== 'void' &&
            ((breachId !== null && breachIds.includes(breachId)) ||
              (monthMs !== null && monthMs >= fromMonthMs)),
        ),
      write: async (changes) => {
        written.push(changes);
      },
    };
  }

  #keep(clientId: string, changes: BillingChanges): void {
    const books = this.booksOf(clientId);
    for (const breach of changes.breaches) books.breaches.set(breach.id, breach);
    for (const invoice of changes.invoices) books.invoices.set(invoice.id, invoice);
    for (const { action, invoiceId } of changes.notes)
      this.audit.push({ actor: 'billing', action, invoiceId });
    books.dirtyFromMs = null;
    books.dueAtMs = changes.dueAtMs;
  }

  #mark(books: Books, fromMs: number): void {
    books.dirtyFromMs = Math.min(fromMs, books.dirtyFromMs ?? fromMs);
  }

  #find(id: string): Invoice | undefined {
    for (const books of this.#books.values()) {
      const invoice = books.invoices.get(id);
      if (invoice !== undefined) return invoice;
    }
    return undefined;
  }

  #breachOf(invoice: Invoice): Breach | null {
    if (invoice.breachId === null) return null;
    return this.booksOf(invoice.clientId).breaches.get(invoice.breachId) ?? null;
  }

  #replace(invoice: Invoice, actor: string, action: MemoryNote['action']): void {
    this.booksOf(invoice.clientId).invoices.set(invoice.id, invoice);
    this.audit.push({ actor, action, invoiceId: invoice.id });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }
}
