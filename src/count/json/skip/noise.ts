/**
 * Counts posts in a JSON body that may be surrounded by noise: a byte order mark, PHP warnings, HTML notices or
 * `NULL` before it, a cache's comment after it, or a function call (JSONP). The JSON text is the first complete one
 * that only noise follows. A body without one is read unchanged, so that its failure is that of plain JSON.
 */

import type { FormatCounter } from '../../format-counter.ts';
import type { PostCount } from '../../post-count.ts';
import type { UncountedReason } from '../../uncounted.ts';
import { withRoom } from '../../with-room.ts';
import type { JsonPlan } from '../automaton/plan.ts';
import { isSpace, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from '../bytes.ts';
import { JsonScanner } from '../scanner.ts';
import { jsonSkipper } from './resumable-skipper.ts';
import { MAX_NOISE_BYTES, TrailingNoise } from './trailing-noise.ts';

/**
 * Maximum number of bytes that all attempts together may reread: noise made of brackets must not take quadratic time.
 */
const MAX_REREAD_BYTES = 16 * MAX_NOISE_BYTES;
/**
 * Length of an attempt's first piece; each piece is twice as long as the last. Most attempts fail within a few bytes.
 */
const FIRST_PIECE_BYTES = 16;

const OPEN_CALL = 0x28;
const CLOSE_CALL = 0x29;
const SEMICOLON = 0x3b;

export class NoisyJsonCounter implements FormatCounter {
  readonly #json: JsonScanner;
  readonly #found: PostCount;
  /** True once the first byte that is not a space has arrived. */
  #hasBegun = false;
  #tail: TrailingNoise | null = null;
  #hasLeadingNoise = false;
  /** True if an opening parenthesis precedes the JSON text of the current attempt. */
  #isInCall = false;
  /** Null if the body has no noise before it, and once no other attempt can follow. */
  #leading: LeadingNoise | null = null;
  #failure: UncountedReason | undefined;

  constructor(plan: JsonPlan, found: PostCount) {
    this.#json = new JsonScanner(plan, jsonSkipper, found);
    this.#found = found;
  }

  get failure(): UncountedReason | undefined {
    if (this.#failure !== undefined) return this.#failure;
    // A failed attempt is not a failure of the body while another attempt may follow.
    return this.#leading === null ? this.#attemptFailure : undefined;
  }

  write(chunk: Uint8Array): void {
    if (!this.#hasBegun) this.#begin(chunk);
    if (this.#leading === null) this.#read(chunk);
    else this.#readBehindNoise(this.#leading, chunk);
  }

  end(): void {
    if (this.failure !== undefined) return;
    const leading = this.#leading;
    if (leading !== null && !leading.isReading) this.#readAsItIs(argumentIn(leading.bytes));
    if (this.#tail === null) this.#json.end();
    // An empty list within text is more likely part of the text (a script in a page) than a response without posts.
    else if (this.#isAmidText && this.#found.posts === 0) this.#failure = 'not_json';
    this.#failure ??= this.#attemptFailure;
    this.#leading = null;
  }

  get #isAmidText(): boolean {
    if (!this.#hasLeadingNoise || this.#tail === null || this.#tail.bytes === 0) return false;
    return !(this.#isInCall && this.#tail.first === CLOSE_CALL);
  }

  get #attemptFailure(): UncountedReason | undefined {
    return this.#tail === null ? this.#json.failure : this.#tail.isFaulty ? 'not_json' : undefined;
  }

  #begin(chunk: Uint8Array): void {
    const first = chunk.find((byte) => !isSpace(byte));
    if (first === undefined) return;
    this.#hasBegun = true;
    const isText = first !== OPEN_OBJECT && first !== OPEN_ARRAY && first !== QUOTE;
    // The scanner detects UTF-16 and UTF-32 by such a byte.
    this.#hasLeadingNoise = isText && first !== 0 && first < 0xfe;
    if (this.#hasLeadingNoise) this.#leading = new LeadingNoise();
  }

  /** Passes the next bytes to the scanner, and the bytes after a complete JSON text to the trailing noise. */
  #read(chunk: Uint8Array): void {
    if (this.#tail !== null) {
      this.#tail.read(chunk, 0);
      return;
    }
    this.#json.write(chunk);
    const { restAt } = this.#json;
    if (restAt === -1) return;
    this.#tail = new TrailingNoise();
    this.#tail.read(chunk, restAt);
  }

  #readBehindNoise(leading: LeadingNoise, chunk: Uint8Array): void {
    leading.keep(chunk);
    if (leading.isReading) this.#read(chunk);
    while (!leading.isReading || this.#attemptFailure !== undefined) {
      const next = leading.nextAttempt();
      this.#restart();
      if (next === -1) break;
      this.#attempt(leading, next);
    }
    if (leading.hasMore) return;
    // The current attempt decides, if there is one.
    if (!leading.isReading) this.#readAsItIs(leading.bytes);
    this.#leading = null;
  }

  #attempt(leading: LeadingNoise, from: number): void {
    this.#isInCall = leading.isCallAt(from);
    let at = from;
    for (let length = FIRST_PIECE_BYTES; at < leading.bytes.length; length *= 2) {
      const piece = leading.bytes.subarray(at, at + length);
      this.#read(piece);
      leading.reread += piece.length;
      at += piece.length;
      if (this.#attemptFailure !== undefined) return;
    }
  }

  /** Reads the body unchanged, because no attempt succeeded. */
  #readAsItIs(bytes: Uint8Array): void {
    this.#restart();
    this.#json.write(bytes);
  }

  #restart(): void {
    this.#found.revert();
    this.#json.reset();
    this.#tail = null;
  }
}

/** Text before the JSON text, and the start of the JSON text, kept for another attempt. */
class LeadingNoise {
  bytes = new Uint8Array(0);
  /** Bytes that attempts have reread. */
  reread = 0;
  /** True during an attempt. */
  isReading = false;
  #buffer = new Uint8Array(1024);
  #next = 0;

  keep(chunk: Uint8Array): void {
    const length = this.bytes.length + chunk.length;
    this.#buffer = withRoom(this.#buffer, this.bytes.length, length);
    this.#buffer.set(chunk, this.bytes.length);
    this.bytes = this.#buffer.subarray(0, length);
  }

  /** Whether a later chunk may lead to another attempt. */
  get hasMore(): boolean {
    return this.bytes.length <= MAX_NOISE_BYTES && this.reread <= MAX_REREAD_BYTES;
  }

  /** Whether the text at `at` is the first argument of a call. */
  isCallAt(at: number): boolean {
    let before = at - 1;
    while (before >= 0 && isSpace(this.bytes[before]!)) before--;
    return this.bytes[before] === OPEN_CALL;
  }

  /** The start of the next attempt; -1 if there is none in the text so far. */
  nextAttempt(): number {
    const end = Math.min(this.bytes.length, MAX_NOISE_BYTES);
    this.isReading = false;
    if (this.reread > MAX_REREAD_BYTES) return -1;
    while (this.#next < end) {
      const byte = this.bytes[this.#next++]!;
      if (byte !== OPEN_OBJECT && byte !== OPEN_ARRAY) continue;
      this.isReading = true;
      return this.#next - 1;
    }
    return -1;
  }
}

/** The argument of the call that ends the text, such as `callback(null)`; the text itself if there is none. */
function argumentIn(bytes: Uint8Array): Uint8Array {
  let end = bytes.length - 1;
  while (end >= 0 && (isSpace(bytes[end]!) || bytes[end] === SEMICOLON)) end--;
  if (bytes[end] !== CLOSE_CALL) return bytes;
  const open = bytes.lastIndexOf(OPEN_CALL, end);
  return open === -1 ? bytes : bytes.subarray(open + 1, end);
}
