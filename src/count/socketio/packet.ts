/**
 * Unwraps packets of Engine.IO, and of socket.io within them, as their bytes pass: `42/chat,17["event",{...}]`. Each
 * argument of an event or acknowledgement is one JSON text, and so is a plain Engine.IO message. Pings, handshakes
 * and binary attachments hold no posts.
 */

import type { JsonPlan } from '../json/automaton/plan.ts';
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COMMA,
  isSpace,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from '../json/bytes.ts';
import type { PostCount } from '../post-count.ts';
import { JsonFrames } from '../stream/json-frames.ts';
import type { UncountedReason } from '../uncounted.ts';

const SLASH = 0x2f;
const DASH = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
/** Engine.IO: open 0, close 1, ping 2, pong 3, message 4, upgrade 5, noop 6; b is binary in base64. */
const MESSAGE = 0x34;
const LAST_TYPE = 0x36;
const BASE64 = 0x62;
/** socket.io: event 2, acknowledgement 3, and both with attachments 5 and 6. Other types have no arguments. */
const WITH_ARGUMENTS: ReadonlySet<number> = new Set([0x32, 0x33, 0x35, 0x36]);

/** The part of the packet to which the next byte belongs. */
const TYPE = 0;
const SOCKET_TYPE = 1;
/** The number of attachments, the namespace and the number of the acknowledgement, which precede the arguments. */
const HEADER = 2;
const NAMESPACE = 3;
const ARGUMENTS = 4;
/** One text up to the end of the packet. */
const TEXT = 5;
const PASSED = 6;

export class Packets {
  readonly #frames: JsonFrames;
  readonly #readsStrings: boolean;
  #cut: UncountedReason | undefined;
  #state = TYPE;
  /** Number of open brackets, including that of the argument list. */
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** Whether the current argument is read; null before its first byte. */
  #isRead: boolean | null = null;

  constructor(plan: JsonPlan, found: PostCount) {
    this.#frames = new JsonFrames(plan, found, 'passes');
    this.#readsStrings = plan.dfa(found).start.embedded !== null;
  }

  get flaw(): UncountedReason | undefined {
    return this.#frames.flaw ?? this.#cut;
  }

  /** Reads the next bytes of the current packet: `chunk` from `from` to `to`. */
  write(chunk: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to && this.#state < ARGUMENTS) at = this.#header(chunk[at]!, at);
    if (this.#state === ARGUMENTS) this.#arguments(chunk, at, to);
    else if (this.#state === TEXT) this.#frames.write(chunk, at, to);
  }

  end(): void {
    if (this.#state === TEXT) this.#frames.endFrame();
    else if (this.#state === ARGUMENTS && this.#depth > 0) {
      this.#frames.drop();
      this.#cut ??= 'truncated';
    }
    this.#state = TYPE;
    this.#depth = 0;
    this.#isInString = false;
    this.#isEscaped = false;
  }

  /** Drops a packet that is cut. */
  drop(): void {
    this.#frames.drop();
  }

  /** Returns the position of the next byte. */
  #header(byte: number, at: number): number {
    switch (this.#state) {
      case TYPE:
        if (byte === MESSAGE) this.#state = SOCKET_TYPE;
        else if ((byte >= ZERO && byte <= LAST_TYPE) || byte === BASE64) this.#state = PASSED;
        else {
          // The response to a posted packet ("ok"), or an error in JSON.
          this.#state = TEXT;
          return at;
        }
        return at + 1;
      case SOCKET_TYPE:
        if (byte >= ZERO && byte <= LAST_TYPE) {
          this.#state = WITH_ARGUMENTS.has(byte) ? HEADER : PASSED;
          return at + 1;
        }
        this.#state = TEXT;
        return at;
      case HEADER:
        if ((byte >= ZERO && byte <= NINE) || byte === DASH) return at + 1;
        this.#state = byte === SLASH ? NAMESPACE : ARGUMENTS;
        return at;
      default:
        if (byte === COMMA) this.#state = HEADER;
        return at + 1;
    }
  }

  #arguments(chunk: Uint8Array, from: number, to: number): void {
    let start = from;
    for (let at = from; at < to; at++) {
      const byte = chunk[at]!;
      if (this.#isInString) {
        this.#inString(byte);
        continue;
      }
      if (this.#depth === 1 && this.#isRead === null && !isSpace(byte)) {
        this.#isRead = this.#readsStrings || byte !== QUOTE;
      }
      if (byte === QUOTE) this.#isInString = true;
      else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
        if (this.#depth++ > 0) continue;
        start = at + 1;
        this.#isRead = null;
      } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
        if (--this.#depth > 0) continue;
        this.#endArgument(chunk, start, at);
        this.#state = PASSED;
        return;
      } else if (byte === COMMA && this.#depth === 1) {
        this.#endArgument(chunk, start, at);
        start = at + 1;
      }
    }
    if (this.#depth > 0 && this.#isRead) this.#frames.write(chunk, start, to);
  }

  #inString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInString = false;
  }

  #endArgument(chunk: Uint8Array, start: number, end: number): void {
    if (this.#isRead) {
      this.#frames.write(chunk, start, end);
      this.#frames.endFrame();
    }
    this.#isRead = null;
  }
}
