/**
 * Counts the results of a batch: it cuts their array into elements and reads each with the plan of its own operation.
 */

import type { FormatCounter } from '../format-counter.ts';
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
import type { UncountedReason } from '../uncounted.ts';
import type { ResultPlan } from './plan.ts';
import { resultCounter } from './result-counter.ts';

export class BatchCounter implements FormatCounter {
  failure: UncountedReason | undefined = undefined;

  readonly #plans: readonly ResultPlan[];
  readonly #found: PostCount;
  #state: 'before' | 'inside' | 'alone' | 'after' = 'before';
  #index = 0;
  #result: FormatCounter;
  /** True once the element contains more than spaces. */
  #isBegun = false;
  #depth = 0;
  #inString = false;
  #flaw: UncountedReason | undefined;
  #isEscaped = false;

  /** @param plans in the order of the operations; at least one. */
  constructor(plans: readonly ResultPlan[], found: PostCount) {
    this.#plans = plans;
    this.#found = found;
    this.#result = resultCounter(plans[0]!, found);
  }

  get flaw(): UncountedReason | undefined {
    return this.#flaw ?? this.#result.flaw;
  }

  write(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.failure === undefined) {
      if (this.#state === 'inside') at = this.#element(chunk, at);
      else if (this.#state === 'alone') {
        this.#result.write(chunk.subarray(at));
        return;
      } else {
        const byte = chunk[at]!;
        if (this.#state === 'before' && byte === OPEN_OBJECT) this.#alone();
        else {
          at++;
          if (!isSpace(byte)) this.#mark(byte);
        }
      }
    }
  }

  #mark(byte: number): void {
    if (this.#state === 'before' && byte === OPEN_ARRAY) this.#state = 'inside';
    else this.failure = 'not_json';
  }

  /** Reads one object instead of a list: errors of a server that does not support batches. */
  #alone(): void {
    this.#state = 'alone';
    this.#result = resultCounter('unknown', this.#found);
  }

  /** Passes the element's bytes to its counter, up to the comma or bracket after it. */
  #element(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length && !this.#isEnd(chunk[at]!)) at++;
    if (at > from) this.#result.write(chunk.subarray(from, at));
    if (at < chunk.length) this.#endElement(chunk[at] === CLOSE_ARRAY);
    this.failure ??= this.#result.failure;
    return at + 1;
  }

  #isEnd(byte: number): boolean {
    if (this.#inString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#inString = false;
      return false;
    }
    if (this.#depth === 0 && (byte === COMMA || byte === CLOSE_ARRAY)) return true;
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.#depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) this.#depth--;
    if (!isSpace(byte)) this.#isBegun = true;
    return false;
  }

  #endElement(isLast: boolean): void {
    if (isLast) this.#state = 'after';
    // `[]`: the server answered none of the operations.
    if (isLast && this.#index === 0 && !this.#isBegun) return;
    this.#result.end();
    this.failure ??= this.#result.failure;
    this.#flaw ??= this.#result.flaw;
    this.#index++;
    this.#isBegun = false;
    if (isLast) return;
    const plan = this.#plans[this.#index];
    // With more results than operations, the assignment of results is unknown.
    if (plan === undefined) this.failure ??= 'shape';
    else this.#result = resultCounter(plan, this.#found);
  }

  end(): void {
    if (this.#state === 'alone') this.#result.end();
    else if (this.#state !== 'after') this.failure ??= this.#state === 'before' ? 'not_json' : 'truncated';
  }
}
