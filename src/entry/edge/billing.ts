/** Billing by cron trigger: what a process of Node does every minute by a timer. */

import { ADMINISTRATION_OBJECT, type EdgeBindings } from '../../adapters/durable-object/bindings.ts';

/**
 * One billing run, in the object that holds the connections for it. Where a process of Node, or an earlier run, is at
 * it under the same lock, nothing is done. Rejects where the object cannot be opened.
 */
export async function runScheduledBilling(env: Pick<EdgeBindings, 'ADMINISTRATION'>): Promise<void> {
  await env.ADMINISTRATION.getByName(ADMINISTRATION_OBJECT).bill();
}
