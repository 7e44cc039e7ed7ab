/**
 * Counts one response: hands its body to the counter of its format, through a decoder where it is compressed, and
 * says at the end how many posts it held or why that cannot be known.
 */

import { BoundedBody, type FormatCounter } from './bounded-body.ts';
import { DecodingCounter } from './decoding-counter.ts';
import { JsonScanner } from './json-scanner.ts';
import { jsonSkipper } from './json-skipper.ts';
import type { Decision } from './outcome.ts';
import type { Decoders } from './port.ts';
import type { CountedRule } from './route.ts';
import type { UncountedReason } from './uncounted.ts';

/** Where `uncounted` is set, `posts` is 0: what was seen before the fault is doubtful, and doubt favours the client. */
export interface CountResult {
  readonly posts: number;
  readonly uncounted?: UncountedReason;
}

export interface Counter {
  /** Takes a chunk of the body as it goes to the client. False: wait for `onDrain` before the next. */
  write(chunk: Uint8Array): boolean;
  /** Posts whose last byte has been consumed; behind what was written while a decoder is at work. */
  readonly posts: number;
  /** The whole body was written. Calls `done` once; before it returns, unless the body is compressed. */
  end(done: (result: CountResult) => void): void;
  /** Client or upstream broke off after what was written. A body that is cut is no fault then. As `end` otherwise. */
  abort(done: (result: CountResult) => void): void;
}

export interface CountLimits {
  /** A longer body, decompressed, is uncounted. */
  readonly maxDecodedBytes: number;
}

/** @param onDrain called after `write` returned false, when there is room again. */
export function createCounter(
  decision: Decision,
  decoders: Decoders,
  limits: CountLimits,
  onDrain: () => void,
): Counter {
  switch (decision.kind) {
    case 'none':
      return NOTHING;
    case 'declared':
      return new KnownCounter({ posts: decision.posts }, { posts: 0, uncounted: 'declared_cut' });
    case 'uncounted': {
      const result = { posts: 0, uncounted: decision.reason };
      return new KnownCounter(result, result);
    }
    case 'scan': {
      const body = new BoundedBody(formatCounter(decision.rule), limits.maxDecodedBytes);
      if (decision.codings.length === 0) return new IdentityCounter(body);
      return new DecodingCounter(body, decoders, decision.codings, onDrain);
    }
  }
}

function formatCounter(rule: CountedRule): FormatCounter {
  switch (rule.format) {
    case 'json':
      return new JsonScanner(rule.plan, jsonSkipper);
  }
}

/** What is known before the body comes. */
class KnownCounter implements Counter {
  posts = 0;
  readonly #whole: CountResult;
  readonly #cut: CountResult;

  constructor(whole: CountResult, cut: CountResult) {
    this.#whole = whole;
    this.#cut = cut;
  }

  write(): boolean {
    return true;
  }

  end(done: (result: CountResult) => void): void {
    this.posts = this.#whole.posts;
    done(this.#whole);
  }

  abort(done: (result: CountResult) => void): void {
    done(this.#cut);
  }
}

/** Holds no state that a response could change, so that one serves all. */
const NOTHING: Counter = new KnownCounter({ posts: 0 }, { posts: 0 });

class IdentityCounter implements Counter {
  readonly #body: BoundedBody;

  constructor(body: BoundedBody) {
    this.#body = body;
  }

  get posts(): number {
    return this.#body.posts;
  }

  write(chunk: Uint8Array): boolean {
    this.#body.write(chunk);
    return true;
  }

  end(done: (result: CountResult) => void): void {
    done(this.#body.result(true));
  }

  abort(done: (result: CountResult) => void): void {
    done(this.#body.result(false));
  }
}
