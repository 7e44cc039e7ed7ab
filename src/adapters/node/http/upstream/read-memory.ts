/**
 * Memory that connections read into and that is used again, so that reads leave no garbage outside the heap. A slab is
 * read into again once every part that was lent is back. What is never given back is left to the garbage collector:
 * that is always safe, whereas a part that is given back too early shows one client the bytes of another.
 */

/** As much as Node asks for in one read. */
export const SLAB_BYTES = 65_536;
/** A shorter read of a body is copied, or a client that reads slowly would hold a slab for each packet. */
const MIN_LENT_BYTES = SLAB_BYTES / 2;
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

/** The reads of one connection. */
export class ConnectionReads {
  readonly #memory: ReadMemory;
  /** Memory of the next read, and of the one under way. */
  #slab: Slab | null = null;
  /** What is read is passed on as parts of the slab, not as a copy. */
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
   * What was read into the buffer.
   * @param isFirst of an answer. Most answers come in one read.
   */
  read(length: number, isFirst: boolean): Buffer {
    const bytes = this.#slab!.bytes.subarray(0, length);
    this.#lends = isFirst || length >= MIN_LENT_BYTES;
    return this.#lends ? bytes : Buffer.from(bytes);
  }

  /** A part of what was read last is passed on; `ReadMemory.giveBack` takes it back. */
  lend(): void {
    if (this.#lends) this.#slab!.lent++;
  }
}
