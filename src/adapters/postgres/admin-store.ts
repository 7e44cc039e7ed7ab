/** The administration's store on the ledger, composed of one part per subject. */

import type { AdminStore } from '../../admin/port.ts';
import { auditStore } from './admin-store-audit.ts';
import { breachView } from './admin-store-breaches.ts';
import { clientStore } from './admin-store-clients.ts';
import { identifierStore } from './admin-store-identifiers.ts';
import { invoiceView } from './admin-store-invoices.ts';
import { moveStore } from './admin-store-moves.ts';
import { gapView, parkingStore } from './admin-store-parkings.ts';
import { policyStore } from './admin-store-policies.ts';
import { tariffStore } from './admin-store-tariffs.ts';
import { tokenStore } from './admin-store-tokens.ts';
import { usageView } from './admin-store-usage.ts';
import type { LedgerDb } from './db.ts';

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
    ...parkingStore(db),
    ...gapView(db),
    ...auditStore(db),
  };
}
