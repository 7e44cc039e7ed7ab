/** The rules of billing in the configuration. */

import type { BillingRules } from '../invoice/port.ts';
import type { Config } from './schema.ts';

export function billingRulesOf({ bucketSeconds, billing }: Config): BillingRules {
  return { bucketSeconds, latenessMs: billing.latenessSeconds * 1000, approval: billing.approval };
}
