/**
 * Counts posts in server-sent events (WHATWG HTML, 9.2.6 "Interpreting an event stream"): the data of each event is
 * one JSON text, which the scanner reads as it arrives.
 */

import type { FormatCounter } from '../format-counter.ts';
import type { JsonPlan } from '../json/automaton/plan.ts';
import { COLON, LINE_FEED, OPEN_ARRAY, OPEN_OBJECT, sameBytes } from '../json/bytes.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import { JsonFrames } from './json-frames.ts';

const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const LESS_THAN = 0x3c;

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const LINE_FEED_BYTES = Uint8Array.of(LINE_FEED);

const encoder = new TextEncoder();
const DATA = encoder.encode('data');
const EVENT = encoder.encode('event');

/** The position of the next byte in a line. */
const LINE_START = 0;
const NAME = 1;
/** After the colon, where one space is not part of the value. */
const VALUE_START = 2;
const VALUE = 3;
/** In a comment or an unused field. */
const PASSED = 4;

export class SseCounter implements FormatCounter {
  readonly failure = undefined;
  readonly #data: JsonFrames;
  readonly #wanted: readonly Uint8Array[] | null;
  /** The start of the event's name, one byte longer than the longest requested name. */
  readonly #eventName: Uint8Array;
  #eventNameBytes = 0;
  #at = LINE_START;
  /** The name of the current field, of which the first `#named` bytes have been compared. */
  #field = DATA;
  #named = 0;
  /** True if the current event has a data field, even an empty one. */
  #hasData = false;
  #bomBytes = 0;
  #afterReturn = false;
  #isNoStream = false;

  /** @param events names of the events that contain posts; null for all. An event without a name is a `message`. */
  constructor(plan: JsonPlan, events: ReadonlySet<string> | null, found: PostCount) {
    this.#data = new JsonFrames(plan, found, 'passes');
    this.#wanted = events === null ? null : [...events].map((name) => encoder.encode(name));
    this.#eventName = new Uint8Array(Math.max(0, ...(this.#wanted ?? []).map(({ length }) => length)) + 1);
  }

  get flaw(): UncountedReason | undefined {
    return this.#data.flaw ?? (this.#isNoStream ? 'frame' : undefined);
  }

  write(chunk: Uint8Array): void {
    let at = this.#bomBytes < BYTE_ORDER_MARK.length ? this.#begin(chunk) : 0;
    // Each is searched again only after it was passed, so a stream that never uses one is searched once per chunk.
    let lineFeed = -1;
    let carriageReturn = -1;
    while (at < chunk.length) {
      if (this.#afterReturn) {
        this.#afterReturn = false;
        if (chunk[at] === LINE_FEED) {
          at++;
          continue;
        }
      }
      if (lineFeed < at) lineFeed = endOf(chunk, LINE_FEED, at);
      if (carriageReturn < at) carriageReturn = endOf(chunk, CARRIAGE_RETURN, at);
      const end = Math.min(lineFeed, carriageReturn);
      this.#read(chunk, at, end);
      if (end === chunk.length) return;
      this.#endLine();
      this.#afterReturn = end === carriageReturn;
      at = end + 1;
    }
  }

  /** An event without a blank line at its end is never dispatched. */
  end(): void {
    this.#data.drop();
  }

  /** Skips a byte order mark. Text that only begins like one is an unknown field name. */
  #begin(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length && this.#bomBytes < BYTE_ORDER_MARK.length) {
      if (chunk[at] === BYTE_ORDER_MARK[this.#bomBytes]) {
        this.#bomBytes++;
        at++;
      } else {
        if (this.#bomBytes > 0) this.#at = PASSED;
        this.#bomBytes = BYTE_ORDER_MARK.length;
      }
    }
    return at;
  }

  /** Reads part of one line, without its end. */
  #read(chunk: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to && this.#at !== PASSED) {
      const byte = chunk[at]!;
      if (this.#at === VALUE) {
        this.#value(chunk, at, to);
        return;
      }
      if (this.#at === LINE_START) this.#startLine(byte);
      else if (this.#at === NAME) this.#name(byte);
      else {
        this.#at = VALUE;
        if (byte !== SPACE) continue;
      }
      at++;
    }
  }

  #startLine(first: number): void {
    // No field begins with this byte, but a JSON or HTML document sent instead of a stream does.
    if (first === OPEN_OBJECT || first === OPEN_ARRAY || first === LESS_THAN) this.#isNoStream = true;
    this.#field = first === DATA[0] ? DATA : EVENT;
    this.#named = 1;
    this.#at = first === this.#field[0] ? NAME : PASSED;
  }

  #name(byte: number): void {
    if (this.#named === this.#field.length) {
      this.#at = byte === COLON ? VALUE_START : PASSED;
      if (byte === COLON) this.#startValue();
    } else if (byte === this.#field[this.#named]) this.#named++;
    else this.#at = PASSED;
  }

  #startValue(): void {
    if (this.#field === EVENT) {
      this.#eventNameBytes = 0;
      return;
    }
    // Several data lines are one text, joined by line feeds.
    if (this.#hasData) this.#data.write(LINE_FEED_BYTES, 0, 1);
    this.#hasData = true;
  }

  #value(chunk: Uint8Array, from: number, to: number): void {
    if (this.#field === DATA) {
      this.#data.write(chunk, from, to);
      return;
    }
    const room = this.#eventName.length - this.#eventNameBytes;
    const held = Math.min(to, from + room);
    for (let at = from; at < held; at++) this.#eventName[this.#eventNameBytes++] = chunk[at]!;
  }

  #endLine(): void {
    if (this.#at === LINE_START) this.#dispatch();
    // A line without a colon is a field without a value.
    else if (this.#at === NAME && this.#named === this.#field.length) this.#startValue();
    this.#at = LINE_START;
  }

  #dispatch(): void {
    if (this.#hasData) this.#data.endFrame(this.#isWanted());
    this.#hasData = false;
    this.#eventNameBytes = 0;
  }

  #isWanted(): boolean {
    if (this.#wanted === null) return true;
    const length = this.#eventNameBytes;
    return this.#wanted.some((name) =>
      length === 0 ? sameBytes(name, 0, name.length, MESSAGE) : sameBytes(this.#eventName, 0, length, name),
    );
  }
}

const MESSAGE = encoder.encode('message');

/** The position of `byte`, or the chunk's end. */
function endOf(chunk: Uint8Array, byte: number, from: number): number {
  const at = chunk.indexOf(byte, from);
  return at === -1 ? chunk.length : at;
}
