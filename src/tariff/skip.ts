/** Which changed clients billing can skip, without computing their breaches. */

import type { PostsAt } from './posts.ts';
import type { DamagesTariff, Tariff } from './tariff.ts';

/** What is known of a changed client. */
export interface ChangedClient {
  /** The earliest bucket that changed since the last billing. */
  readonly dirtyFromMs: number;
  /** True if it has or had a tariff of its own. */
  readonly hasOwnTariff: boolean;
  /** True if it has an invoice of a licence. */
  readonly hasLicenceInvoice: boolean;
  /** The ends of its breaches, void ones included. */
  readonly breachEndsMs: readonly number[];
  readonly posts: readonly PostsAt[];
}

/**
 * True if the client cannot have a breach in a window that changed, nor a licence: since one window before the change it
 * took no more posts than the lowest threshold that the default tariff ever had. `defaults` are the terms of all versions
 * of the default tariff, retired ones included. PostgreSQL decides the same for many clients in one statement.
 */
export function canBeSkipped(client: ChangedClient, defaults: readonly (Tariff | null)[]): boolean {
  if (client.hasOwnTariff || client.hasLicenceInvoice) return false;
  if (defaults.some((tariff) => tariff?.kind === 'licence')) return false;
  const damages = defaults.filter((tariff): tariff is DamagesTariff => tariff?.kind === 'damages');
  const sinceMs = client.dirtyFromMs - Math.max(0, ...damages.map((tariff) => tariff.windowSeconds * 1000));
  if (client.breachEndsMs.some((endMs) => endMs >= sinceMs)) return false;
  const posts = client.posts.reduce((sum, at) => (at.bucketMs < sinceMs ? sum : sum + at.posts), 0);
  return posts <= Math.min(...damages.map((tariff) => tariff.threshold));
}
