/**
 * Under which client an unknown caller is metered: by its own address, or, where more addresses came today than are
 * told apart, by the range that it comes from. So a flood of addresses makes a bounded number of clients a day.
 */

import { type Address, callerId, prefixId } from './address.ts';

const DAY_MS = 86_400_000;

export interface UnknownCallersOptions {
  /** Addresses (IPv6: their /64) told apart in a UTC day. 1,000,000 of IPv4 take 21 MB, of IPv6 45 MB (measured). */
  readonly maxAddresses: number;
  /** Ranges told apart in a UTC day, of /24 and /48. Default 100,000: 18 MB (measured). */
  readonly maxRanges?: number;
}

/** What is beyond the bound, by bytes of an address: first the narrow ranges, then the wide ones, 256 and 65,536 at most. */
const LENGTHS: Readonly<Record<number, { readonly narrow: number; readonly wide: number }>> = {
  4: { narrow: 24, wide: 8 },
  16: { narrow: 48, wide: 16 },
};

export class UnknownCallers {
  readonly #maxAddresses: number;
  readonly #maxRanges: number;
  #dayMs = Number.NEGATIVE_INFINITY;
  #addresses = new Set<number | string>();
  #ranges = new Set<string>();

  constructor(options: UnknownCallersOptions) {
    this.#maxAddresses = options.maxAddresses;
    this.#maxRanges = options.maxRanges ?? 100_000;
  }

  /**
   * Forgets everybody where another UTC day has begun, and says whether that was so. A clock that steps back by less
   * than a day stays in the later one, so that steps around midnight do not let twice as many in.
   */
  beginDay(nowMs: number): boolean {
    if (nowMs < this.#dayMs + DAY_MS && nowMs >= this.#dayMs - DAY_MS) return false;
    this.#dayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
    this.#addresses = new Set();
    this.#ranges = new Set();
    return true;
  }

  /** The client's id: `callerId` of an address that came while there was room, `prefixId` of its range otherwise. */
  clientOf(address: Address): string {
    const key = keyOf(address);
    if (!this.#addresses.has(key)) {
      if (this.#addresses.size >= this.#maxAddresses) return this.#rangeOf(address);
      this.#addresses.add(key);
    }
    return callerId(address);
  }

  #rangeOf(address: Address): string {
    const { narrow, wide } = LENGTHS[address.bytes.length]!;
    const range = prefixId(address, narrow);
    if (!this.#ranges.has(range)) {
      if (this.#ranges.size >= this.#maxRanges) return prefixId(address, wide);
      this.#ranges.add(range);
    }
    return range;
  }
}

/** As small as a set can hold it: 32 bits of IPv4 as an integer, the /64 of IPv6 as four characters. */
function keyOf({ bytes }: Address): number | string {
  const pair = (at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
  if (bytes.length === 4) return (pair(0) << 16) | pair(2);
  return String.fromCharCode(pair(0), pair(2), pair(4), pair(6));
}
