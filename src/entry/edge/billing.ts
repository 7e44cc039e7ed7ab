/** Billing by cron trigger. A Node process does the same by a timer. */

import { ADMINISTRATION_OBJECT, type EdgeBindings } from '../../adapters/durable-object/bindings.ts';

/**
 * Runs billing in the object that holds its connections. Does nothing if a Node process or an earlier run holds the
 * billing lock. Rejects if the object cannot be opened.
 */
export async function runScheduledBilling(env: Pick<EdgeBindings, 'ADMINISTRATION'>): Promise<void> {
  await env.ADMINISTRATION.getByName(ADMINISTRATION_OBJECT).bill();
}
