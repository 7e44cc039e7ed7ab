/** Adding a bank account, and making one the default of its currency, as actions that a second person may decide. */

import { asc, eq } from 'drizzle-orm';
import type { ActionRequest, PrincipalAt } from '../../../admin/proposals/port.ts';
import {
  type BankAccountAction,
  bankAccountActionSchema,
  isSameAccount,
} from '../../../seller/bank-account.ts';
import { writeAudit } from '../admin/audit.ts';
import type { LedgerDb } from '../connection/db.ts';
import type { ProposalAction } from '../proposal/action.ts';
import { accountSubject, type BankAccountRow } from './bank-accounts.ts';
import { auditedRow } from './rows.ts';
import { lockedSeller } from './sellers.ts';
import { bankAccounts } from './tables.ts';

/** The subject is `sellers/ID/bank-accounts`: any change of the seller's accounts makes a proposal stale. */
export const bankAccountAction: ProposalAction = {
  async subject(tx, request) {
    const sellerId = sellerOf(request);
    const seller = await lockedSeller(tx, sellerId);
    if (seller === null) return null;
    const accounts = await accountsOf(tx, sellerId);
    return { sellerId, state: JSON.parse(JSON.stringify([seller.archivedAt, accounts])) };
  },

  async refusal(tx, request) {
    const sellerId = sellerOf(request);
    const seller = await lockedSeller(tx, sellerId);
    if (seller?.archivedAt !== null) {
      return {
        status: 409,
        field: 'sellerId',
        reason: 'is archived',
        hint: 'use another seller, or add one',
      };
    }
    const accounts = (await accountsOf(tx, sellerId)).filter(({ archivedAt }) => archivedAt === null);
    const action = actionOf(request);
    if (action.action === 'add') {
      const same = accounts.find((account) => isSameAccount(account, action));
      if (same === undefined) return null;
      const hint = 'archive that account first, or make it the default';
      const field = action.iban === null ? 'accountNumber' : 'iban';
      return { status: 409, field, reason: `is that of account ${same.id}`, hint, code: 'already_exists' };
    }
    const found = accounts.find(({ id }) => id === action.id);
    const field = 'bankAccountId';
    if (found === undefined) {
      const hint = 'use an account that the list of the seller shows';
      return { status: 409, field, reason: 'is not an account in use', hint };
    }
    if (!found.isDefault) return null;
    return { status: 409, field, reason: 'is already the default', hint: 'nothing is to be done' };
  },

  async run(tx, request, who) {
    const sellerId = sellerOf(request);
    const action = actionOf(request);
    const accounts = await accountsOf(tx, sellerId);
    const chosen = action.action === 'add' ? action : accounts.find(({ id }) => id === action.id)!;
    if (chosen.isDefault || action.action === 'make_default') {
      const present = accounts.find((row) => row.isDefault && row.currency === chosen.currency);
      if (present !== undefined) await setDefault(tx, present, false, request.reason, who);
    }
    if (action.action === 'make_default') {
      await setDefault(tx, chosen as BankAccountRow, true, request.reason, who);
      return { id: action.id };
    }
    const { action: _, ...details } = action;
    const [row] = await tx
      .insert(bankAccounts)
      .values({ ...details, sellerId, createdAt: new Date(who.atMs), createdBy: who.actor })
      .returning();
    await writeAudit(tx, who, {
      ...{ action: 'bank_account.added', subject: accountSubject(row!) },
      ...{ reason: request.reason, after: auditedRow(row!) },
    });
    return { id: action.id };
  },
};

function sellerOf({ subject }: ActionRequest): string {
  return /^sellers\/([^/]+)\/bank-accounts$/.exec(subject)?.[1] ?? '';
}

function actionOf({ payload }: ActionRequest): BankAccountAction {
  return bankAccountActionSchema.parse(payload);
}

function accountsOf(tx: LedgerDb, sellerId: string): Promise<BankAccountRow[]> {
  return tx
    .select()
    .from(bankAccounts)
    .where(eq(bankAccounts.sellerId, sellerId))
    .orderBy(asc(bankAccounts.id));
}

async function setDefault(
  tx: LedgerDb,
  before: BankAccountRow,
  isDefault: boolean,
  reason: string,
  who: PrincipalAt,
): Promise<void> {
  const [after] = await tx
    .update(bankAccounts)
    .set({ isDefault })
    .where(eq(bankAccounts.id, before.id))
    .returning();
  await writeAudit(tx, who, {
    ...{ action: 'bank_account.changed', subject: accountSubject(before), reason },
    ...{ before: auditedRow(before), after: auditedRow(after!) },
  });
}
