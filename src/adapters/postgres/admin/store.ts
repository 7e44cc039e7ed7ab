/** The administration's store on the ledger, composed of one part per subject. */

import type { AdminStore } from '../../../admin/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { auditStore } from './audit.ts';
import { billingHoldStore, gapView } from './billing-holds.ts';
import { breachView } from './breaches.ts';
import { clientStore } from './clients.ts';
import { identifierStore } from './identifiers.ts';
import { invoiceView } from './invoices.ts';
import { moveStore } from './moves.ts';
import { policyStore } from './policies.ts';
import { tariffStore } from './tariffs.ts';
import { tokenStore } from './tokens.ts';
import { usageView } from './usage.ts';

export function adminStore(db: LedgerDb): AdminStore {
  return {
    ...clientStore(db),
    ...identifierStore(db),
    ...moveStore(db),
    ...policyStore(db),
    ...tariffStore(db),
    ...usageView(db),
    ...breachView(db),
    ...invoiceView(db),
    ...tokenStore(db),
    ...billingHoldStore(db),
    ...gapView(db),
    ...auditStore(db),
  };
}
