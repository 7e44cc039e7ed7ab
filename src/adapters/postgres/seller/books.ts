/** The store of sellers and of what belongs to them, composed of one part per subject. */

import type { SellerBooks } from '../../../admin/sellers/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { bankAccountStore } from './bank-accounts.ts';
import { clauseStore } from './clauses.ts';
import { coDebtorStore } from './co-debtors.ts';
import { dunningLevelStore } from './dunning-levels.ts';
import { logoStore } from './logos.ts';
import { numberSeriesStore } from './number-series.ts';
import { sellerStore } from './sellers.ts';
import { taxRuleStore } from './tax-rules.ts';

export function postgresSellers(db: LedgerDb): SellerBooks {
  return {
    ...sellerStore(db),
    ...logoStore(db),
    ...bankAccountStore(db),
    ...numberSeriesStore(db),
    ...taxRuleStore(db),
    ...clauseStore(db),
    ...coDebtorStore(db),
    ...dunningLevelStore(db),
  };
}
