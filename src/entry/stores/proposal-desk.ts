/** The one place that maps each kind of proposal to its action. */

import { v7 as uuidv7 } from 'uuid';
import type { LedgerDb } from '../../adapters/postgres/connection/db.ts';
import type { ProposalActions } from '../../adapters/postgres/proposal/action.ts';
import { proposalDeskOn } from '../../adapters/postgres/proposal/desk.ts';
import { correctionAction } from '../../adapters/postgres/receivable/correction-action.ts';
import { writeOffAction } from '../../adapters/postgres/receivable/write-off.ts';
import { bankAccountAction } from '../../adapters/postgres/seller/bank-account-action.ts';
import type { ProposalDesk } from '../../admin/proposals/port.ts';
import type { BillingRules } from '../../invoice/port.ts';
import type { NumberRegister } from '../../invoice/register.ts';

/** `register` keeps the numbers of credit notes outside the ledger; null if the ledger is never restored. */
export function proposalDesk(
  db: LedgerDb,
  rules: BillingRules,
  register: NumberRegister | null,
): ProposalDesk {
  const actions: ProposalActions = {
    bank_account: bankAccountAction,
    write_off: writeOffAction,
    credit_note: correctionAction({ rules, register, newId: uuidv7 }),
  };
  return proposalDeskOn(db, { rules: rules.fourEyes, actions, newId: uuidv7 });
}
