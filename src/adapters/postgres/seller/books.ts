/** The store of sellers and of what belongs to them, composed of one part per subject. */

import type { SellerBooks } from '../../../admin/sellers/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { sellerStore } from './sellers.ts';

export function postgresSellers(db: LedgerDb): SellerBooks {
  return { ...sellerStore(db) };
}
