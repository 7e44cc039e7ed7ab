/**
 * The states of subjects in memory: open addressing over typed arrays, 20 bytes a slot. An entry is found by a 64-bit
 * hash and confirmed by 64 bits of SHA-256, so that an id that was chosen to collide cannot withhold another post.
 */

import { PostId } from '../count/post-id.ts';
import { NO_STATES, type SubjectStates } from './state.ts';
import { type Subject, subjectText } from './subject.ts';

/** Returns at least the first 8 bytes of SHA-256 over the text's UTF-8. */
export type CheckBytes = (text: string) => Uint8Array;

/** High and low word of the hash, two words of the check, and the states: `on` below `off`, 16 bits each. */
const WORDS = 5;
/** Segments grow one at a time. At 10 million subjects, the growth of one pauses the process for about a millisecond. */
const SEGMENTS = 256;
const MIN_SLOTS = 16;
/** Part of the slots of a segment that may be in use, in quarters. With more, searches become long. */
const MAX_LOAD_QUARTERS = 3;

/** The table has as many subjects as it may have. */
export class SubjectTableFull extends Error {
  override readonly name = 'SubjectTableFull';

  constructor(maxSubjects: number) {
    super(`the registry of rights has more than ${maxSubjects} subjects with states`);
  }
}

interface Segment {
  slots: Uint32Array;
  used: number;
}

export class SubjectTable {
  readonly #maxSubjects: number;
  readonly #checkOf: CheckBytes;
  readonly #segments: Segment[] = Array.from({ length: SEGMENTS }, () => ({
    slots: new Uint32Array(MIN_SLOTS * WORDS),
    used: 0,
  }));
  readonly #hash = new PostId();
  #size = 0;

  constructor(maxSubjects: number, checkOf: CheckBytes) {
    this.#maxSubjects = maxSubjects;
    this.#checkOf = checkOf;
  }

  /** Number of subjects with states. */
  get size(): number {
    return this.#size;
  }

  /** Memory of the slots. */
  get bytes(): number {
    return this.#segments.reduce((sum, { slots }) => sum + slots.byteLength, 0);
  }

  get(subject: Subject): SubjectStates {
    const text = subjectText(subject);
    const segment = this.#segmentOf(text);
    const at = this.#find(segment.slots, text);
    if (isFree(segment.slots, at)) return NO_STATES;
    const states = segment.slots[at + 4]!;
    return states === 0 ? NO_STATES : { on: states & 0xffff, off: states >>> 16 };
  }

  /** Replaces the states of the subject. Throws `SubjectTableFull` if it has no room for another subject. */
  set(subject: Subject, { on, off }: SubjectStates): void {
    const states = ((off << 16) | on) >>> 0;
    const text = subjectText(subject);
    const segment = this.#segmentOf(text);
    let at = this.#find(segment.slots, text);
    const before = isFree(segment.slots, at) ? 0 : segment.slots[at + 4]!;
    if (before === states) return;
    if (before === 0 && this.#size >= this.#maxSubjects) throw new SubjectTableFull(this.#maxSubjects);
    if (isFree(segment.slots, at)) {
      if (hasToGrow(segment)) {
        grow(segment);
        at = this.#find(segment.slots, text);
      }
      const [first, second] = this.#check(text);
      segment.slots.set([this.#hash.high, this.#hash.low, first, second], at);
      segment.used += 1;
    }
    segment.slots[at + 4] = states;
    this.#size += (states === 0 ? 0 : 1) - (before === 0 ? 0 : 1);
  }

  /** Reads the hash of the text. */
  #segmentOf(text: string): Segment {
    this.#hash.readText(text);
    return this.#segments[this.#hash.high >>> 24]!;
  }

  /** The place of the text whose hash was read, or the free place for it. */
  #find(slots: Uint32Array, text: string): number {
    const { high, low } = this.#hash;
    let check: readonly [number, number] | null = null;
    for (let at = firstPlace(slots, low); ; at = nextPlace(slots, at)) {
      if (isFree(slots, at)) return at;
      if (slots[at] !== high || slots[at + 1] !== low) continue;
      check ??= this.#check(text);
      if (slots[at + 2] === check[0] && slots[at + 3] === check[1]) return at;
    }
  }

  /** The second word is not 0, which marks a free slot. */
  #check(text: string): readonly [number, number] {
    const bytes = this.#checkOf(text);
    const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
    return [view.getUint32(0), view.getUint32(4) || 1];
  }
}

function isFree(slots: Uint32Array, at: number): boolean {
  return slots[at + 3] === 0;
}

/** The number of slots is a power of two. */
function firstPlace(slots: Uint32Array, low: number): number {
  return (low & (slots.length / WORDS - 1)) * WORDS;
}

function nextPlace(slots: Uint32Array, at: number): number {
  return at + WORDS === slots.length ? 0 : at + WORDS;
}

function hasToGrow({ slots, used }: Segment): boolean {
  return (used + 1) * 4 > (slots.length / WORDS) * MAX_LOAD_QUARTERS;
}

/** Moves the entries to twice as many slots, or to as many if half of them have no states any more. */
function grow(segment: Segment): void {
  const from = segment.slots;
  let live = 0;
  for (let at = 0; at < from.length; at += WORDS) if (from[at + 4] !== 0) live += 1;
  const to = new Uint32Array(live * 2 > segment.used ? from.length * 2 : from.length);
  for (let at = 0; at < from.length; at += WORDS) {
    if (from[at + 4] === 0) continue;
    let place = firstPlace(to, from[at + 1]!);
    while (!isFree(to, place)) place = nextPlace(to, place);
    to.set(from.subarray(at, at + WORDS), place);
  }
  segment.slots = to;
  segment.used = live;
}
