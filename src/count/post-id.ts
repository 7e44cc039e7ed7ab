/**
 * Ids of posts as 64-bit hashes. Two of a million posts in a day collide with a chance of 1 in 37 million; they count
 * as one, in the client's favour. Numbers and strings with the same text are the same id.
 */

const PRIME = 0x01000193;
const BASIS = 0x811c9dc5;
const OTHER_BASIS = 0x9747b28c;
const OTHER_PRIME = 0x5bd1e995;

/** A hash under construction; instances are reused instead of created per post. */
export class PostId {
  high = 0;
  low = 0;
  /** True if an id was read. */
  isKnown = false;

  clear(): void {
    this.isKnown = false;
  }

  /** 53 bits of the hash, the integer range of a number: a key that needs no string per post. */
  get key(): number {
    return this.high * 0x20_0000 + (this.low >>> 11);
  }

  /** Whether both are known and the same. */
  equals({ isKnown, high, low }: PostId): boolean {
    return this.isKnown && isKnown && this.high === high && this.low === low;
  }

  /** A copy that stays when this instance is reused. */
  copy(): PostId {
    return Object.assign(new PostId(), this);
  }

  /** Reads the id in `bytes` from `from` to `to`. An empty text is not an id. */
  read(bytes: Uint8Array, from: number, to: number): void {
    let high = BASIS;
    let low = OTHER_BASIS;
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      high = Math.imul(high ^ byte, PRIME);
      low = Math.imul(low ^ byte, OTHER_PRIME);
      low ^= low >>> 15;
    }
    this.high = finish(high ^ (to - from));
    this.low = finish(low ^ high);
    this.isKnown = to > from;
  }

  /** Reads the id in a text. */
  readText(text: string): void {
    const bytes = encoder.encode(text);
    this.read(bytes, 0, bytes.length);
  }
}

const encoder = new TextEncoder();

/** Mixes all bits (the finalizer of MurmurHash3). Returns an unsigned 32-bit number. */
function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
