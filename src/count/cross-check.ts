/**
 * Counts 1 in N responses a second time with a slow, simple parser, after the response was sent. A difference is a
 * fault in the counter or in the rule, and is reported with its route and target.
 */

import type { ReadableRule } from './formats.ts';
import { canRecount, recount } from './recount/recount.ts';

export interface CrossCheckResult {
  readonly route: string;
  /** Path and query of the request. */
  readonly target: string;
  /** Count of the streaming counter. */
  readonly posts: number;
  /** Count of the slow parser; null if it cannot read the body. */
  readonly recounted: number | null;
  /** Length of the decoded body. */
  readonly bytes: number;
}

export interface CrossCheckOptions {
  /** One in this many responses with posts is checked. */
  readonly every: number;
  /** A longer decoded body is not kept, because the second count blocks the serving process. */
  readonly maxBytes: number;
  /** Runs a function once the response was sent. */
  readonly defer: (run: () => void) => void;
  readonly report: (checked: CrossCheckResult) => void;
}

/** Maximum number of bodies kept at the same time; with `maxBytes` it bounds memory. */
const MAX_KEPT = 4;

export class CrossCheck {
  readonly #options: CrossCheckOptions;
  #seen = 0;
  #kept = 0;

  constructor(options: CrossCheckOptions) {
    this.#options = options;
  }

  /** Returns a copy to fill if this response is checked, else null. */
  choose(rule: ReadableRule, target: string): BodyCopy | null {
    this.#seen++;
    if (this.#seen % this.#options.every !== 0 || this.#kept >= MAX_KEPT || !canRecount(rule)) return null;
    this.#kept++;
    return new BodyCopy(this.#options.maxBytes, (body, posts) => {
      if (body === null) this.#kept--;
      else this.#options.defer(() => this.#check(rule, target, body, posts));
    });
  }

  #check(rule: ReadableRule, target: string, body: Uint8Array, posts: number): void {
    this.#kept--;
    const recounted = recount(rule, body);
    this.#options.report({ route: rule.name, target, posts, recounted, bytes: body.length });
  }
}

/** A decoded body that is kept until it ends or exceeds the bound. */
export class BodyCopy {
  readonly #maxBytes: number;
  #done: ((body: Uint8Array | null, posts: number) => void) | null;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  /** @param done called once: with the body and its posts, or with null if it is not checked. */
  constructor(maxBytes: number, done: (body: Uint8Array | null, posts: number) => void) {
    this.#maxBytes = maxBytes;
    this.#done = done;
  }

  add(chunk: Uint8Array): void {
    if (this.#done === null) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) this.drop();
    else this.#chunks.push(chunk.slice());
  }

  /** Called when the body has ended and was counted whole. */
  check(posts: number): void {
    const body = new Uint8Array(this.#bytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      body.set(chunk, at);
      at += chunk.length;
    }
    this.#finish(body, posts);
  }

  drop(): void {
    this.#finish(null, 0);
  }

  #finish(body: Uint8Array | null, posts: number): void {
    const done = this.#done;
    this.#done = null;
    this.#chunks = [];
    done?.(body, posts);
  }
}
