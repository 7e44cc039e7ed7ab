/**
 * Reusable memory for socket reads, so that reads leave no garbage outside the heap. A slab is reused once every part
 * that was lent has been returned. A part that is never returned is left to the garbage collector, which is always safe.
 * A part that is returned too early would show one client the bytes of another.
 */

/** The size of Node's socket reads. */
export const SLAB_BYTES = 65_536;
/** A shorter read of a body is copied. Otherwise a client that reads slowly would hold a slab for each packet. */
const MIN_LENT_BYTES = SLAB_BYTES / 2;
/** Maximum number of free slabs. Others are left to the garbage collector. */
const MAX_FREE = 64;

export interface Slab {
  readonly bytes: Buffer;
  /** Number of parts that have not been returned. */
  lent: number;
  /** True while a connection reads into it. */
  isInUse: boolean;
}

export class ReadMemory {
  readonly #free: Slab[] = [];
  readonly #slabs = new WeakMap<ArrayBufferLike, Slab>();

  /** The slab for a connection's next read: that of its last read, unless parts of it are lent. */
  next(last: Slab | null): Slab {
    if (last?.lent === 0) return last;
    if (last !== null) last.isInUse = false;
    const slab = this.#free.pop() ?? this.#create();
    slab.isInUse = true;
    return slab;
  }

  /** @param part a lent part of a slab that is no longer needed. Without effect on other memory. */
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

/** The reads of one connection. */
export class ConnectionReads {
  readonly #memory: ReadMemory;
  /** The slab of the current and the next read. */
  #slab: Slab | null = null;
  /** True if the last read is passed on as parts of the slab, not as a copy. */
  #lends = false;

  constructor(memory: ReadMemory) {
    this.#memory = memory;
  }

  /** The buffer for the next read. */
  readonly next = (): Buffer => {
    this.#slab = this.#memory.next(this.#slab);
    return this.#slab.bytes;
  };

  /**
   * Returns the bytes of the last read.
   * @param isFirst whether it is the first read of a response. Most responses arrive in one read.
   */
  read(length: number, isFirst: boolean): Buffer {
    const bytes = this.#slab!.bytes.subarray(0, length);
    this.#lends = isFirst || length >= MIN_LENT_BYTES;
    return this.#lends ? bytes : Buffer.from(bytes);
  }

  /** Lends a part of the last read; `ReadMemory.giveBack` returns it. */
  lend(): void {
    if (this.#lends) this.#slab!.lent++;
  }
}
