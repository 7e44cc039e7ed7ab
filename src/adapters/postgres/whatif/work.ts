/** What working on what-ifs needs from the ledger. It writes only to their own tables. */

import { and, asc, eq, gt, gte, inArray, lt, ne, or, sql } from 'drizzle-orm';
import type { BillingAccount } from '../../../invoice/port.ts';
import { monthOf } from '../../../tariff/licence.ts';
import { MAX_WINDOW_SECONDS } from '../../../tariff/terms.ts';
import {
  MAX_RUNNING_WHAT_IFS,
  type WhatIfChange,
  type WhatIfTask,
  type WhatIfWork,
} from '../../../whatif/port.ts';
import { accountOf } from '../billing/account.ts';
import { tariffVersionOf } from '../billing/rows.ts';
import { isComputed } from '../billing-holds.ts';
import type { LedgerDb } from '../connection/db.ts';
import { billingDue, breaches, clients, invoices, whatIfClients, whatIfs } from '../schema.ts';
import { versionsOf } from '../tariff-rows.ts';
import { daysOf, servedOf } from './history.ts';
import { claimedOf, stored } from './rows.ts';
import { isCovered } from './scope.ts';

export function whatIfWork(db: LedgerDb): WhatIfWork {
  return {
    claim: (owner, nowMs, abandonedMs) =>
      db.transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(hashtext('postmeter:what-ifs'))`);
        const isRunning = and(eq(whatIfs.state, 'running'), gte(whatIfs.savedAt, new Date(abandonedMs)));
        const running = await tx.select({ id: whatIfs.id }).from(whatIfs).where(isRunning);
        if (running.length >= MAX_RUNNING_WHAT_IFS) return null;
        const isAbandoned = and(eq(whatIfs.state, 'running'), lt(whatIfs.savedAt, new Date(abandonedMs)));
        const [next] = await tx
          .select({ id: whatIfs.id })
          .from(whatIfs)
          .where(or(eq(whatIfs.state, 'waiting'), isAbandoned))
          .orderBy(asc(whatIfs.id))
          .limit(1);
        if (next === undefined) return null;
        const [row] = await tx
          .update(whatIfs)
          .set({ state: 'running', owner, savedAt: new Date(nowMs) })
          .where(eq(whatIfs.id, next.id))
          .returning();
        return claimedOf(row!);
      }),

    async isUnfinished() {
      const isOne = inArray(whatIfs.state, ['waiting', 'running']);
      return (await db.select({ id: whatIfs.id }).from(whatIfs).where(isOne).limit(1)).length > 0;
    },

    async clients(task, after, limit) {
      const rows = await db
        .select({ id: clients.id })
        .from(clients)
        .where(and(isCovered(task), after === null ? undefined : gt(clients.id, after)))
        .orderBy(asc(clients.id))
        .limit(limit);
      return rows.map(({ id }) => id);
    },

    days: (clientIds, task) => daysOf(db, clientIds, task),
    versions: async (clientIds) => (await versionsOf(db, clientIds)).map(tariffVersionOf),
    served: (clientId, task) => servedOf(db, clientId, task),

    save: (id, owner, nowMs, { after, checkedClients, figures }, compared) =>
      db.transaction(async (tx) => {
        const saved = await tx
          .update(whatIfs)
          .set({
            ...{ after, checkedClients, savedAt: new Date(nowMs) },
            figures: figures === null ? null : stored(figures),
          })
          .where(isOwn(id, owner))
          .returning({ id: whatIfs.id });
        if (saved.length === 0) return false;
        if (compared.length > 0) {
          await tx.insert(whatIfClients).values(
            compared.map(({ now, tried, ...same }) => ({
              ...same,
              whatIfId: id,
              now: stored(now),
              tried: stored(tried),
            })),
          );
        }
        return true;
      }),

    async release(id, owner) {
      await db.update(whatIfs).set({ state: 'waiting', owner: null }).where(isOwn(id, owner));
    },

    async finish(id, owner, nowMs, changed) {
      const finishedAt = new Date(nowMs);
      await db
        .update(whatIfs)
        .set({ state: 'done', owner: null, finishedAt, invoices: changed?.map(stored) ?? null })
        .where(isOwn(id, owner));
    },

    async fail(id, owner, nowMs, failure) {
      const finishedAt = new Date(nowMs);
      await db
        .update(whatIfs)
        .set({ state: 'failed', owner: null, finishedAt, failure })
        .where(isOwn(id, owner));
    },

    changedClients: (change) => clientsWithInvoices(db, change),

    withChange: (clientId, task, work) =>
      db.transaction(
        async (tx) => {
          const [due] = await tx.select().from(billingDue).where(eq(billingDue.clientId, clientId));
          const account = await accountOf(tx, clientId, due?.dirtyFrom ?? null, Date.now);
          await work(withVersion(account, task));
        },
        { isolationLevel: 'repeatable read', accessMode: 'read only' },
      ),
  };
}

function isOwn(id: string, owner: string) {
  return and(eq(whatIfs.id, id), eq(whatIfs.state, 'running'), eq(whatIfs.owner, owner));
}

/**
 * Clients with an invoice of a breach that a window over the start of the change can touch, or of a month from it on.
 * Billing computes the exact ones among them.
 */
async function clientsWithInvoices(db: LedgerDb, change: WhatIfChange): Promise<string[]> {
  const { clientId, validFromMs } = change;
  const reachedAt = new Date(validFromMs - MAX_WINDOW_SECONDS * 1000);
  const rows = await db
    .selectDistinct({ clientId: invoices.clientId })
    .from(invoices)
    .leftJoin(breaches, eq(breaches.id, invoices.breachId))
    .where(
      and(
        ne(invoices.status, 'void'),
        or(gte(breaches.stretchTo, reachedAt), gte(invoices.monthAt, new Date(monthOf(validFromMs)))),
        isComputed(sql`${invoices.clientId}`),
        clientId === null ? undefined : eq(invoices.clientId, clientId),
      ),
    )
    .orderBy(invoices.clientId);
  return rows.map((row) => row.clientId);
}

/** The account with the version of the change, and what billing would recompute for it. */
function withVersion(account: BillingAccount, { id, terms, change }: WhatIfTask): BillingAccount {
  if (change === null) return account;
  const { clientId, validFromMs, supersedes } = change;
  const added = { id, clientId, version: Number.MAX_SAFE_INTEGER, validFromMs, tariff: terms };
  return {
    ...account,
    dirtyFromMs: Math.min(account.dirtyFromMs ?? Number.POSITIVE_INFINITY, validFromMs),
    tariffs: [...account.tariffs.filter((version) => version.id !== supersedes), added],
  };
}
