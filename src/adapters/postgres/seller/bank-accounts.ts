/** Bank accounts of sellers. Their details never change: another account replaces one. */

import { and, asc, eq, gt } from 'drizzle-orm';
import type { BankAccountRecord, BankAccountStore } from '../../../admin/sellers/settings-port.ts';
import { writeAudit } from '../admin/audit.ts';
import { pageOf, rowsAsked } from '../admin/page.ts';
import type { LedgerDb } from '../connection/db.ts';
import { auditedRow } from './rows.ts';
import { lockedSeller, sellerIn } from './sellers.ts';
import { bankAccounts } from './tables.ts';

export type BankAccountRow = typeof bankAccounts.$inferSelect;

export function bankAccountStore(db: LedgerDb): BankAccountStore {
  return {
    async bankAccounts(sellerId, page) {
      if ((await sellerIn(db, sellerId)) === null) return null;
      const after = page.after === null ? undefined : gt(bankAccounts.id, page.after);
      const rows = await db
        .select()
        .from(bankAccounts)
        .where(and(eq(bankAccounts.sellerId, sellerId), after))
        .orderBy(asc(bankAccounts.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, bankAccountOf, (row) => row.id);
    },

    async bankAccount(sellerId, id) {
      const isThis = and(eq(bankAccounts.sellerId, sellerId), eq(bankAccounts.id, id));
      const [row] = await db.select().from(bankAccounts).where(isThis);
      return row === undefined ? null : bankAccountOf(row);
    },

    archiveBankAccount: (sellerId, id, reason, who) =>
      db.transaction(async (tx) => {
        if ((await lockedSeller(tx, sellerId)) === null) return null;
        const isThis = and(eq(bankAccounts.sellerId, sellerId), eq(bankAccounts.id, id));
        const [before] = await tx.select().from(bankAccounts).where(isThis);
        if (before === undefined) return null;
        if (before.archivedAt !== null) return bankAccountOf(before);
        const [after] = await tx
          .update(bankAccounts)
          .set({ isDefault: false, archivedAt: new Date(who.atMs) })
          .where(isThis)
          .returning();
        await writeAudit(tx, who, {
          ...{ action: 'bank_account.archived', subject: accountSubject(after!), reason },
          ...{ before: auditedRow(before), after: auditedRow(after!) },
        });
        return bankAccountOf(after!);
      }),
  };
}

export function accountSubject({ sellerId, id }: Pick<BankAccountRow, 'sellerId' | 'id'>): string {
  return `sellers/${sellerId}/bank-accounts/${id}`;
}

function bankAccountOf({ createdAt, archivedAt, ...rest }: BankAccountRow): BankAccountRecord {
  return { ...rest, createdAtMs: createdAt.getTime(), archivedAtMs: archivedAt?.getTime() ?? null };
}
