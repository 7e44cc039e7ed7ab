/** Which version of the terms an invoice cites. */

import type { Clause } from './model.ts';

/** Returns the version of the family that was in force at the moment, in the currency; null if there is none. */
export function clauseAt(
  clauses: readonly Clause[],
  family: string | null,
  currency: string,
  atMs: number,
): Clause | null {
  const inForce = clauses.filter(
    (clause) => clause.family === family && clause.currency === currency && clause.validFromMs <= atMs,
  );
  return inForce.sort((a, b) => b.validFromMs - a.validFromMs || (a.id < b.id ? -1 : 1))[0] ?? null;
}
