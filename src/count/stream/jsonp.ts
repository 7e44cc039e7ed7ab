/**
 * Counts posts in JSON that is wrapped in a call: `callback({...});`, with or without a comment or a test of the
 * function before it. Where no callback was asked for most servers send the JSON bare, which counts too.
 */

import type { FormatCounter } from '../format-counter.ts';
import { isSpace, OPEN_ARRAY, OPEN_OBJECT } from '../json/bytes.ts';
import type { JsonPlan } from '../json/plan.ts';
import { JsonScanner } from '../json/scanner.ts';
import { jsonSkipper } from '../json/skipper.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';

const OPEN_CALL = 0x28;
const CLOSE_CALL = 0x29;
const SEMICOLON = 0x3b;
const CLOSE_CALL_BYTES = Uint8Array.of(CLOSE_CALL);

/** Longer ones are no callback's name; servers cut them at 50 to 255 bytes. Twice that for the test of the function. */
const MAX_CALLBACK_BYTES = 1024;

/**
 * What may stand before the call: names with dots and brackets, comments, and the test that Express writes
 * (`typeof cb === 'function' && cb(`). Bytes from 0x80 on are letters or a byte order mark.
 */
const CALLBACK = new Uint8Array(256).fill(1, 0x80);
for (const character of ' \t\r\n;$_.[]"\'/*-=&|!') CALLBACK[character.charCodeAt(0)] = 1;
CALLBACK.fill(1, 0x30, 0x3a).fill(1, 0x41, 0x5b).fill(1, 0x61, 0x7b);

const BEFORE = 0;
const IN_CALLBACK = 1;
const IN_CALL = 2;
const AFTER_CALL = 3;
const BARE = 4;

export class JsonpCounter implements FormatCounter {
  readonly #json: JsonScanner;
  #state = BEFORE;
  #callbackBytes = 0;
  #failure: UncountedReason | undefined;

  constructor(plan: JsonPlan, found: PostCount) {
    this.#json = new JsonScanner(plan, jsonSkipper, found);
  }

  get failure(): UncountedReason | undefined {
    return this.#failure ?? this.#json.failure;
  }

  write(chunk: Uint8Array): void {
    let at = this.#state <= IN_CALLBACK ? this.#callback(chunk) : 0;
    if (this.#state === BARE) this.#json.write(chunk.subarray(at));
    if (this.#state === IN_CALL) at = this.#call(chunk, at);
    if (this.#state === AFTER_CALL) this.#rest(chunk, at);
  }

  end(): void {
    if (this.#state <= IN_CALLBACK) this.#failure ??= 'not_json';
    else if (this.#state === IN_CALL) this.#failure ??= this.#json.failure ?? 'truncated';
    else this.#json.end();
  }

  /** Returns where the JSON begins. */
  #callback(chunk: Uint8Array): number {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.#state === BEFORE && (byte === OPEN_OBJECT || byte === OPEN_ARRAY)) {
        this.#state = BARE;
        return at;
      }
      if (byte === OPEN_CALL) {
        this.#state = IN_CALL;
        return at + 1;
      }
      // Space and a byte order mark may stand before either form.
      if (!isSpace(byte) && byte < 0x80) this.#state = IN_CALLBACK;
      if (CALLBACK[byte] === 0 || ++this.#callbackBytes > MAX_CALLBACK_BYTES) {
        this.#failure ??= 'not_json';
        return chunk.length;
      }
    }
    return chunk.length;
  }

  /** The call's end is the first closing parenthesis behind a whole JSON; others stand in its strings. */
  #call(chunk: Uint8Array, from: number): number {
    let at = from;
    for (;;) {
      const close = chunk.indexOf(CLOSE_CALL, at);
      this.#json.write(chunk.subarray(at, close === -1 ? chunk.length : close));
      if (close === -1) return chunk.length;
      at = close + 1;
      if (this.#json.isWhole) {
        this.#state = AFTER_CALL;
        return at;
      }
      this.#json.write(CLOSE_CALL_BYTES);
    }
  }

  #rest(chunk: Uint8Array, from: number): void {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte !== SEMICOLON && !isSpace(byte)) this.#failure ??= 'not_json';
    }
  }
}
