/** The administration's store on the ledger, composed of one part per subject. */

import type { AdminStore } from '../../../admin/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { auditStore } from './audit.ts';
import { billingHoldStore, gapQueries } from './billing-holds.ts';
import { breachQueries } from './breaches.ts';
import { clientStore } from './clients.ts';
import { identifierStore } from './identifiers.ts';
import { invoiceQueries } from './invoices.ts';
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
    ...breachQueries(db),
    ...invoiceQueries(db),
    ...tokenStore(db),
    ...billingHoldStore(db),
    ...gapQueries(db),
    ...auditStore(db),
  };
}
