/**
 * Memory that connections read into and that is used again, so that reads leave no garbage outside the heap. A slab is
 * read into again once every part that was lent is back. What is never given back is left to the garbage collector:
 * that is always safe, whereas a part that is given back too early shows one client the bytes of another.
 */

/** As much as Node asks for in one read. */
export const SLAB_BYTES = 65_536;
/** Slabs beyond that are left to the garbage collector. */
const MAX_FREE = 64;

export interface Slab {
  readonly bytes: Buffer;
  /** Parts that are not back. */
  lent: number;
  /** It is the buffer of a connection. */
  isInUse: boolean;
}

export class ReadMemory {
  readonly #free: Slab[] = [];
  readonly #slabs = new WeakMap<ArrayBufferLike, Slab>();

  /** The slab for the next read of a connection: the one of its last read, unless parts of that are lent. */
  next(last: Slab | null): Slab {
    if (last?.lent === 0) return last;
    if (last !== null) last.isInUse = false;
    const slab = this.#free.pop() ?? this.#create();
    slab.isInUse = true;
    return slab;
  }

  /** @param part of a slab, which was lent and is not needed any more. Without effect on other memory. */
  giveBack(part: Buffer): void {
    const slab = this.#slabs.get(part.buffer);
    if (slab === undefined) return;
    slab.lent--;
    if (slab.lent === 0 && !slab.isInUse && this.#free.length < MAX_FREE) this.#free.push(slab);
  }

  #create(): Slab {
    const slab = { bytes: Buffer.allocUnsafeSlow(SLAB_BYTES), lent: 0, isInUse: true };
    this.#slabs.set(slab.bytes.buffer, slab);
    return slab;
  }
}
