/** What billing would make of usage that moves between clients, computed without writing. */

import { billAccount } from '../billing.ts';
import type { Breach, Invoice } from '../invoice/model.ts';
import type { BillingAccount, BillingChanges, BillingRules } from '../invoice/port.ts';
import type { CurrencyAmount } from '../tariff/money.ts';
import type { DeliveriesAt, PostsAt } from '../tariff/posts.ts';
import { sumByCurrency } from './as-one.ts';

export interface BreachSum {
  readonly breaches: number;
  readonly amounts: readonly CurrencyAmount[];
}

export interface MovedEffect {
  /** Breaches that the usage concerns, of all clients that lose or get it. */
  readonly before: BreachSum;
  readonly after: BreachSum;
  /** Drafts as the next billing run leaves them. */
  readonly invoices: readonly Invoice[];
}

/** The start of the ids of breaches and drafts that do not exist yet. */
export const PLANNED = 'planned-';

interface BilledPart {
  readonly before: readonly Breach[];
  readonly after: readonly Breach[];
  readonly invoices: readonly Invoice[];
}

/**
 * Returns a function that bills one account as if the posts were added to its usage (1) or taken from it (-1).
 * @param fromMs the earliest of the posts.
 */
export function billedWith(rules: BillingRules, nowMs: number, fromMs: number) {
  let planned = 0;
  const newId = () => `${PLANNED}${++planned}`;
  return (account: BillingAccount, posts: readonly PostsAt[], sign: 1 | -1): Promise<BilledPart> =>
    billedAfter(account, posts, sign, fromMs, (one) => billAccount(one, rules, newId, nowMs));
}

export function effectOf(parts: readonly BilledPart[]): MovedEffect {
  return {
    before: sumOfBreaches(parts.flatMap(({ before }) => before)),
    after: sumOfBreaches(parts.flatMap(({ after }) => after)),
    invoices: parts.flatMap(({ invoices }) => invoices),
  };
}

async function billedAfter(
  account: BillingAccount,
  posts: readonly PostsAt[],
  sign: 1 | -1,
  fromMs: number,
  bill: (account: BillingAccount) => Promise<void>,
): Promise<BilledPart> {
  let before: readonly Breach[] = [];
  let changes: BillingChanges | null = null;
  await bill({
    ...account,
    dirtyFromMs: Math.min(account.dirtyFromMs ?? fromMs, fromMs),
    breachesReaching: async (reachingMs) => {
      before = await account.breachesReaching(reachingMs);
      return before;
    },
    usage: async (sinceMs) => withPosts(await account.usage(sinceMs), posts, sign),
    write: async (made) => {
      changes = made;
    },
  });
  const { breaches, invoices } = changes! as BillingChanges;
  const after = new Map([...before, ...breaches].map((breach) => [breach.id, breach]));
  return { before, after: [...after.values()], invoices };
}

/** Returns the usage with the posts added or taken, in order of time. */
function withPosts(usage: readonly DeliveriesAt[], posts: readonly PostsAt[], sign: 1 | -1): DeliveriesAt[] {
  const byBucket = new Map(usage.map((row) => [row.bucketMs, row]));
  for (const { bucketMs, posts: moved } of posts) {
    const row = byBucket.get(bucketMs) ?? { bucketMs, posts: 0 };
    byBucket.set(bucketMs, { ...row, posts: row.posts + sign * moved });
  }
  return [...byBucket.values()].filter((row) => row.posts > 0).sort((a, b) => a.bucketMs - b.bucketMs);
}

function sumOfBreaches(breaches: readonly Breach[]): BreachSum {
  const valid = breaches.filter(({ state }) => state !== 'void');
  return { breaches: valid.length, amounts: sumByCurrency(valid) };
}
