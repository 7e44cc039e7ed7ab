/** A billing ledger in memory, on PGlite or on PostgreSQL, with functions to fill and inspect it. */

import { asc, eq } from 'drizzle-orm';
import { v7 } from 'uuid';
import { billingHoldStore } from '../../src/adapters/postgres/admin/billing-holds.ts';
import { withLines } from '../../src/adapters/postgres/billing/account.ts';
import { advisoryLead, processLead } from '../../src/adapters/postgres/billing/leader.ts';
import { postgresBillingLedger } from '../../src/adapters/postgres/billing/ledger.ts';
import { markTariffChanged } from '../../src/adapters/postgres/billing/marks.ts';
import { breachOf } from '../../src/adapters/postgres/billing/rows.ts';
import { holdClients } from '../../src/adapters/postgres/billing-holds.ts';
import type { LedgerDb } from '../../src/adapters/postgres/connection/db.ts';
import { migratePostgres } from '../../src/adapters/postgres/connection/migrate.ts';
import { openPostgres } from '../../src/adapters/postgres/connection/open.ts';
import { audit, breaches, clients, invoices, tariffVersions } from '../../src/adapters/postgres/schema.ts';
import { addUsage } from '../../src/adapters/postgres/usage/statements.ts';
import { type BillingRun, runBilling } from '../../src/billing.ts';
import type { Breach, Invoice } from '../../src/invoice/model.ts';
import type { KnownDetails } from '../../src/invoice/outcome.ts';
import type { BillingLedger, BillingRules } from '../../src/invoice/port.ts';
import type { BillingHold } from '../../src/meter/port.ts';
import type { Usage } from '../../src/meter/usage.ts';
import type { PostsAt } from '../../src/tariff/posts.ts';
import { DEFAULT_TARIFF, type TariffVersion } from '../../src/tariff/tariff.ts';
import { tariffToJson } from '../../src/tariff/terms.ts';
import { emptyLedger } from '../adapters/postgres/empty-ledger.ts';
import { MemoryLedger } from '../support/memory-ledger/ledger.ts';
import { completeSeller } from '../support/sellers.ts';
import { freshDatabase } from '../support/services/fresh-database.ts';

export interface Books {
  readonly ledger: BillingLedger;
  /** Opens the same ledger as another process would. */
  another(): Promise<BillingLedger>;
  addUsage(clientId: string, rows: readonly (PostsAt & Pick<Usage, 'ids'>)[]): Promise<void>;
  addTariff(version: TariffVersion): Promise<void>;
  setDetails(clientId: string, details: KnownDetails): Promise<void>;
  holdClients(hold: BillingHold): Promise<void>;
  /** Null is the hold on all clients. */
  release(clientId: string | null): Promise<void>;
  /** In chronological order, including void ones. */
  breaches(clientId: string): Promise<Breach[]>;
  /** Oldest first, including void ones. */
  invoices(clientId: string): Promise<Invoice[]>;
  /** Audit log actions on invoices, oldest first. */
  audit(): Promise<{ actor: string; action: string; invoiceId: string }[]>;
  close(): Promise<void>;
}

export type BooksKind = 'memory' | 'pglite' | 'postgres';

/** The default tariff of every new ledger. */
export const FIRST_TARIFF: TariffVersion = {
  id: '00000000-0000-7000-8000-000000000001',
  clientId: null,
  version: 1,
  validFromMs: 0,
  tariff: DEFAULT_TARIFF,
};

export const DETAILS: KnownDetails = {
  legalName: 'Acme Inc.',
  address: '1 Main Street',
  email: 'billing@example.com',
  taxId: null,
  currency: 'USD',
};

export function openBooks(kind: BooksKind, rules: BillingRules): Promise<Books> {
  if (kind === 'memory') return memoryBooks(rules);
  return kind === 'pglite' ? pgliteBooks(rules) : postgresBooks(rules);
}

/** Runs billing once. Throws if the run fails. */
export async function bill(ledger: BillingLedger, rules: BillingRules, nowMs: number): Promise<BillingRun> {
  const run = await runBilling(ledger, rules, v7, nowMs);
  if (run === undefined) throw new Error('another run is in progress');
  if (run.failures.length > 0) throw new Error('billing failed', { cause: run.failures[0]?.cause });
  return run;
}

async function memoryBooks(rules: BillingRules): Promise<Books> {
  const ledger = new MemoryLedger({ rules });
  await ledger.addTariff(FIRST_TARIFF);
  return {
    ledger,
    another: async () => ledger,
    addUsage: (clientId, rows) => ledger.addUsage(clientId, rows),
    addTariff: (version) => ledger.addTariff(version),
    setDetails: (clientId, details) => ledger.setDetails(clientId, details),
    holdClients: (hold) => ledger.holdClients([hold]),
    release: (clientId) => ledger.release(clientId),
    breaches: async (clientId) =>
      [...ledger.state.breaches.values()]
        .filter((breach) => breach.clientId === clientId)
        .sort((a, b) => a.stretchFromMs - b.stretchFromMs),
    invoices: async (clientId) =>
      [...ledger.state.invoices.values()].filter((invoice) => invoice.clientId === clientId),
    audit: async () => [...ledger.state.audit],
    close: async () => {},
  };
}

async function pgliteBooks(rules: BillingRules): Promise<Books> {
  const { ledger, drop } = await emptyLedger('pglite', 'billing');
  await completeSeller(ledger.db);
  const billing = postgresBillingLedger(ledger.db, { rules, lead: processLead(), now: Date.now });
  return { ...databaseBooks(ledger.db), ledger: billing, another: async () => billing, close: drop };
}

async function postgresBooks(rules: BillingRules): Promise<Books> {
  const database = await freshDatabase('billing');
  await migratePostgres(database.url);
  const opened: Awaited<ReturnType<typeof openPostgres>>[] = [];
  const open = async () => {
    const connection = await openPostgres(database.url);
    opened.push(connection);
    const lead = advisoryLead(connection);
    return { connection, ledger: postgresBillingLedger(connection.db, { rules, lead, now: Date.now }) };
  };
  const { connection, ledger } = await open();
  await completeSeller(connection.db);
  return {
    ...databaseBooks(connection.db),
    ledger,
    another: async () => (await open()).ledger,
    close: async () => {
      for (const one of opened) await one.close();
      await database.drop();
    },
  };
}

function databaseBooks(db: LedgerDb): Omit<Books, 'ledger' | 'another' | 'close'> {
  const ensureClient = (id: string) =>
    db.insert(clients).values({ id, name: id, source: 'operator' }).onConflictDoNothing();
  return {
    addUsage: async (clientId, rows) => {
      const none = { identifierId: 'i', requests: 1, refused: 0, bytes: 0, uncounted: 0 };
      await ensureClient(clientId);
      await db.transaction((tx) =>
        addUsage(
          tx,
          rows.map((row) => ({ clientId, ...none, ...row })),
        ),
      );
    },
    addTariff: async ({ validFromMs, tariff, ...version }) => {
      if (version.clientId !== null) await ensureClient(version.clientId);
      await db.transaction(async (tx) => {
        await tx.insert(tariffVersions).values({
          ...version,
          validFrom: new Date(validFromMs),
          terms: tariff === null ? null : tariffToJson(tariff),
          createdBy: 'test',
          reason: 'test',
        });
        await markTariffChanged(tx, version.clientId, validFromMs);
      });
    },
    setDetails: async (clientId, details) => {
      await ensureClient(clientId);
      await db.update(clients).set(details).where(eq(clients.id, clientId));
    },
    holdClients: (hold) => db.transaction((tx) => holdClients(tx, [hold], 'test')),
    release: async (clientId) => {
      const store = billingHoldStore(db);
      const { items } = await store.billingHolds({}, { limit: 10, after: null });
      const held = items.find((hold) => hold.clientId === clientId)!;
      await store.releaseBillingHold(held.id, 'looked into', { actor: 'test', atMs: Date.now() });
    },
    breaches: async (clientId) => {
      const rows = await db
        .select()
        .from(breaches)
        .where(eq(breaches.clientId, clientId))
        .orderBy(asc(breaches.stretchFrom));
      return rows.map(breachOf);
    },
    invoices: async (clientId) => {
      const rows = await db
        .select()
        .from(invoices)
        .where(eq(invoices.clientId, clientId))
        .orderBy(asc(invoices.id));
      return rows.length === 0 ? [] : withLines(db, rows);
    },
    audit: async () => {
      const rows = await db.select().from(audit).orderBy(asc(audit.id));
      return rows
        .filter((row) => row.subject.startsWith('invoices/'))
        .map(({ actor, action, subject }) => ({
          actor,
          action,
          invoiceId: subject.slice('invoices/'.length),
        }));
    },
  };
}
