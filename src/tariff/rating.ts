/** Rating: what a number of posts costs at a price, one function per way of rounding. Exact, in bigint. */

import type { Price, Rounding } from './tariff.ts';

/** Every post at price / block, rounded once, half up, to the minor unit. */
function prorated(posts: bigint, priceMinor: bigint, block: bigint): bigint {
  return (2n * posts * priceMinor + block) / (2n * block);
}

/** Whole blocks only. */
function completed(posts: bigint, priceMinor: bigint, block: bigint): bigint {
  return (posts / block) * priceMinor;
}

/** A begun block counts whole. */
function started(posts: bigint, priceMinor: bigint, block: bigint): bigint {
  return ((posts + block - 1n) / block) * priceMinor;
}

const BY_ROUNDING: Record<Rounding, typeof prorated> = { prorated, completed, started };

/** Whether a text from outside the program names a way of rounding. */
export function isRounding(name: string): name is Rounding {
  return Object.hasOwn(BY_ROUNDING, name);
}

/** The posts that are paid for: `posts` as prorated, in whole blocks otherwise. Priced by `block`, they are the amount. */
export function pricedPosts({
  posts,
  block,
  rounding,
}: { posts: number } & Omit<Price, 'priceMinor' | 'currency'>) {
  if (rounding === 'prorated') return posts;
  return (rounding === 'completed' ? Math.floor(posts / block) : Math.ceil(posts / block)) * block;
}

/** The amount in minor units for `posts` (a whole number, 0 or more) at a price. */
export function amountOf(posts: number, price: Price): bigint {
  return BY_ROUNDING[price.rounding](BigInt(posts), price.priceMinor, BigInt(price.block));
}
