/** The rules of billing in the configuration. */

import type { BillingRules } from '../invoice/port.ts';
import type { Config } from './schema.ts';

export function billingRulesOf({ bucketSeconds, billing }: Config): BillingRules {
  const { latenessSeconds, approval, fourEyes } = billing;
  return { bucketSeconds, latenessMs: latenessSeconds * 1000, approval, fourEyes };
}
