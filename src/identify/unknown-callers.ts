/**
 * Under which client an unknown caller is metered: by its own address, or, if more addresses came today than are told
 * apart, by the range that it comes from. So a flood of addresses makes a bounded number of clients a day. Only a caller
 * that is served takes a place; one that is refused costs nothing.
 */

import { type Address, type CallerPrefixes, callerId, prefixId } from './address.ts';

const DAY_MS = 86_400_000;

export interface UnknownCallersOptions extends CallerPrefixes {
  /** Callers told apart in a UTC day. 1,000,000 of IPv4 take 21 MB, of IPv6 45 MB (measured). */
  readonly maxAddresses: number;
  /** Ranges told apart in a UTC day, of /24 and /48. Default 100,000: 18 MB (measured). */
  readonly maxRanges?: number;
}

/** The ranges beyond the bound, by bytes of an address: first narrow ones, then wide ones, 256 and 65,536 at most. */
const LENGTHS: Readonly<Record<number, { readonly narrow: number; readonly wide: number }>> = {
  4: { narrow: 24, wide: 8 },
  16: { narrow: 48, wide: 16 },
};

export class UnknownCallers {
  readonly #options: UnknownCallersOptions;
  readonly #maxRanges: number;
  #dayMs = Number.NEGATIVE_INFINITY;
  #addresses = new Set<number | string>();
  #ranges = new Set<string>();

  constructor(options: UnknownCallersOptions) {
    this.#options = options;
    this.#maxRanges = options.maxRanges ?? 100_000;
  }

  /**
   * Forgets all callers if another UTC day has begun, and returns whether that was so. A clock that steps back by less
   * than a day stays in the later one, so that steps around midnight do not let twice as many in.
   */
  beginDay(nowMs: number): boolean {
    if (nowMs < this.#dayMs + DAY_MS && nowMs >= this.#dayMs - DAY_MS) return false;
    this.#dayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
    this.#addresses = new Set();
    this.#ranges = new Set();
    return true;
  }

  /** The id by the caller's own address, whether or not it has a place. */
  ownId(address: Address): string {
    return callerId(address, this.#options);
  }

  hasPlace(address: Address): boolean {
    return this.#addresses.has(this.#keyOf(address));
  }

  get hasRoom(): boolean {
    return this.#addresses.size < this.#options.maxAddresses;
  }

  /** Takes a place for the caller. The requests that wait while the last place goes may exceed the bound. */
  place(address: Address): void {
    this.#addresses.add(this.#keyOf(address));
  }

  /** The id of the range of a caller without a place. */
  rangeOf(address: Address): string {
    const { narrow, wide } = LENGTHS[address.bytes.length]!;
    const range = prefixId(address, narrow);
    if (!this.#ranges.has(range)) {
      if (this.#ranges.size >= this.#maxRanges) return prefixId(address, wide);
      this.#ranges.add(range);
    }
    return range;
  }

  /** As small as a set can hold it: 32 bits of IPv4 as an integer, up to 64 of IPv6 as four characters. */
  #keyOf({ bytes }: Address): number | string {
    const { ipv4Prefix, ipv6Prefix } = this.#options;
    const pair = (at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
    if (bytes.length === 4) return ((pair(0) << 16) | pair(2)) & (-1 << (32 - ipv4Prefix));
    const last = pair(6) & (0xffff << (64 - ipv6Prefix));
    return String.fromCharCode(pair(0), pair(2), pair(4), last & 0xffff);
  }
}
