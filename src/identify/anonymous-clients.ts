/**
 * Decides under which client an unknown caller is metered: its own address, or its address range once the day's
 * places are taken. A flood of addresses therefore creates a bounded number of clients a day. Only a caller that is
 * served takes a place; a refused one costs nothing.
 */

import { type Address, type CallerPrefixes, callerId, prefixId } from './address.ts';

const DAY_MS = 86_400_000;

export interface AnonymousClientsOptions extends CallerPrefixes {
  /** Callers distinguished in a UTC day. 1,000,000 IPv4 callers take 21 MB, IPv6 45 MB (measured). */
  readonly maxAddresses: number;
  /** Ranges of /24 and /48 distinguished in a UTC day. Default 100,000: 18 MB (measured). */
  readonly maxRanges?: number;
}

/**
 * Prefix lengths of the ranges for callers without a place, by address length in bytes: narrow ranges first, then at
 * most 256 or 65,536 wide ones.
 */
const LENGTHS: Readonly<Record<number, { readonly narrow: number; readonly wide: number }>> = {
  4: { narrow: 24, wide: 8 },
  16: { narrow: 48, wide: 16 },
};

export class AnonymousClients {
  readonly #options: AnonymousClientsOptions;
  readonly #maxRanges: number;
  #dayMs = Number.NEGATIVE_INFINITY;
  #addresses = new Set<number | string>();
  #ranges = new Set<string>();

  constructor(options: AnonymousClientsOptions) {
    this.#options = options;
    this.#maxRanges = options.maxRanges ?? 100_000;
  }

  /**
   * Forgets all callers if another UTC day has begun, and returns whether it has. A clock that steps back by less
   * than a day stays in the later day, so that steps around midnight do not admit twice as many callers.
   */
  beginDay(nowMs: number): boolean {
    if (nowMs < this.#dayMs + DAY_MS && nowMs >= this.#dayMs - DAY_MS) return false;
    this.#dayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
    this.#addresses = new Set();
    this.#ranges = new Set();
    return true;
  }

  /** The id for the caller's own address, whether or not it has a place. */
  ownId(address: Address): string {
    return callerId(address, this.#options);
  }

  hasPlace(address: Address): boolean {
    return this.#addresses.has(this.#keyOf(address));
  }

  get hasRoom(): boolean {
    return this.#addresses.size < this.#options.maxAddresses;
  }

  /** Takes a place for the caller. Requests that are in flight while the last place is taken may exceed the bound. */
  place(address: Address): void {
    this.#addresses.add(this.#keyOf(address));
  }

  /** The id for the range of a caller without a place. */
  rangeOf(address: Address): string {
    const { narrow, wide } = LENGTHS[address.bytes.length]!;
    const range = prefixId(address, narrow);
    if (!this.#ranges.has(range)) {
      if (this.#ranges.size >= this.#maxRanges) return prefixId(address, wide);
      this.#ranges.add(range);
    }
    return range;
  }

  /** The most compact set key: IPv4 bits as a 32-bit integer, up to 64 IPv6 bits as four characters. */
  #keyOf({ bytes }: Address): number | string {
    const { ipv4Prefix, ipv6Prefix } = this.#options;
    const pair = (at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
    if (bytes.length === 4) return ((pair(0) << 16) | pair(2)) & (-1 << (32 - ipv4Prefix));
    const last = pair(6) & (0xffff << (64 - ipv6Prefix));
    return String.fromCharCode(pair(0), pair(2), pair(4), last & 0xffff);
  }
}
