/** Rating: the price of a number of posts, one function per kind of rounding. Exact, in bigint. */

import type { Price, Rounding } from './tariff.ts';

/** Every post at price / block, rounded once, half up, to the minor unit. */
function prorated(posts: bigint, priceMinor: bigint, block: bigint): bigint {
  return (2n * posts * priceMinor + block) / (2n * block);
}

/** Whole blocks only. */
function completed(posts: bigint, priceMinor: bigint, block: bigint): bigint {
  return (posts / block) * priceMinor;
}

/** A started block is charged in full. */
function started(posts: bigint, priceMinor: bigint, block: bigint): bigint {
  return ((posts + block - 1n) / block) * priceMinor;
}

const BY_ROUNDING: Record<Rounding, typeof prorated> = { prorated, completed, started };

/** True if external text names a kind of rounding. */
export function isRounding(name: string): name is Rounding {
  return Object.hasOwn(BY_ROUNDING, name);
}

/**
 * Returns the posts that are charged: `posts` if prorated, otherwise whole blocks. At the price per `block` they
 * give the amount.
 */
export function pricedPosts({
  posts,
  block,
  rounding,
}: { posts: number } & Omit<Price, 'priceMinor' | 'currency'>) {
  if (rounding === 'prorated') return posts;
  return (rounding === 'completed' ? Math.floor(posts / block) : Math.ceil(posts / block)) * block;
}

/** Amount in minor units for `posts` (an integer, 0 or more) at a price. */
export function amountOf(posts: number, price: Price): bigint {
  return BY_ROUNDING[price.rounding](BigInt(posts), price.priceMinor, BigInt(price.block));
}
