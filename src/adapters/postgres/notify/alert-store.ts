/** The store of the alerts in the administration, composed of one part per subject. */

import type { AlertStore } from '../../../admin/alerts-port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { levelStore } from './level-settings.ts';
import { messageStore } from './log.ts';
import { receiverStore } from './receivers.ts';

export function alertStore(db: LedgerDb): AlertStore {
  return { ...receiverStore(db), ...levelStore(db), ...messageStore(db) };
}
