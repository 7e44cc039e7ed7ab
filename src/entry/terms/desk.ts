/** Wires the administration of policies: the stored versions, and the platform. */

import type { LedgerDb } from '../../adapters/postgres/connection/db.ts';
import { policyVersionStore } from '../../adapters/postgres/rights/policies.ts';
import type { TermsDesk } from '../../terms/port.ts';
import { siteAt } from './site.ts';

/** @param upstreamUrl of the platform; undefined if this process does not know it. */
export function termsDesk(db: LedgerDb, upstreamUrl: string | undefined, version: string): TermsDesk {
  return {
    versions: policyVersionStore(db),
    platform: upstreamUrl === undefined ? null : siteAt(upstreamUrl, version),
  };
}
