/** Refusals of requests that name a seller. */

import { fieldProblem } from '../../problem.ts';
import type { SellerRecord, SellerStore } from '../../sellers/port.ts';

/** Returns the seller, or throws a 404 if it does not exist. */
export function existingSeller<T>(found: T | null, sellerId: string): T {
  if (found === null) throw unknownSeller(sellerId);
  return found;
}

export function unknownSeller(sellerId: string) {
  return fieldProblem(404, 'sellerId', `does not exist: ${sellerId}`, 'see /v1/sellers');
}

/** Throws a 409 if the seller is archived. */
export function demandActive<T extends Pick<SellerRecord, 'archivedAtMs'>>(seller: T): T {
  if (seller.archivedAtMs === null) return seller;
  throw fieldProblem(409, 'sellerId', 'is archived', 'use another seller, or add one');
}

/** Returns the seller if it exists and is not archived. */
export async function activeSeller(store: SellerStore, sellerId: string): Promise<SellerRecord> {
  return demandActive(existingSeller(await store.seller(sellerId), sellerId));
}
