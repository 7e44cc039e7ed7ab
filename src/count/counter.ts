/**
 * Counts one response: hands its body to the counter of its format, through a decoder where it is compressed, and
 * says at the end how many posts it held or why that cannot be known.
 */

import { JsonScanner } from './json-scanner.ts';
import { jsonSkipper } from './json-skipper.ts';
import type { Decision } from './outcome.ts';
import type { BodyDecoder, ContentCoding, DecodedBody, Decoders } from './port.ts';
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

/** Counts the decoded bytes of one format. New formats are added here and in the route rule. */
export interface FormatCounter {
  readonly posts: number;
  readonly failure: UncountedReason | undefined;
  /** Takes a chunk, which is not kept. */
  write(chunk: Uint8Array): void;
  /** The body is over; sets `failure` where it was not whole. */
  end(): void;
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

/** A format's counter with the bound on decoded bytes. */
class BoundedBody {
  readonly #format: FormatCounter;
  readonly #maxBytes: number;
  #bytes = 0;
  #failure: UncountedReason | undefined;

  constructor(format: FormatCounter, maxBytes: number) {
    this.#format = format;
    this.#maxBytes = maxBytes;
  }

  get posts(): number {
    return this.#format.posts;
  }

  /** Returns false where nothing that follows can matter. */
  write(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) this.#failure ??= 'too_large';
    else this.#format.write(chunk);
    return this.#failure === undefined && this.#format.failure === undefined;
  }

  fault(): void {
    this.#failure ??= 'encoding';
  }

  result(isWhole: boolean): CountResult {
    if (isWhole && this.#failure === undefined) this.#format.end();
    // The first fault stands: a format's own was found on bytes before the bound.
    const uncounted = this.#format.failure ?? this.#failure;
    return uncounted === undefined ? { posts: this.#format.posts } : { posts: 0, uncounted };
  }
}

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

class DecodingCounter implements Counter, DecodedBody {
  readonly #body: BoundedBody;
  readonly #decoder: BodyDecoder;
  readonly onDrain: () => void;
  /** Nothing more is decoded: all is said, or nothing that follows can matter. */
  #isOver = false;
  #isCut = false;
  #done: ((result: CountResult) => void) | null = null;

  constructor(body: BoundedBody, decoders: Decoders, codings: readonly ContentCoding[], onDrain: () => void) {
    this.#body = body;
    this.onDrain = onDrain;
    this.#decoder = decoders.open(codings, this);
  }

  get posts(): number {
    return this.#body.posts;
  }

  write(chunk: Uint8Array): boolean {
    return this.#isOver || this.#decoder.write(chunk);
  }

  end(done: (result: CountResult) => void): void {
    this.#done = done;
    if (this.#isOver) this.#finish();
    else this.#decoder.end();
  }

  abort(done: (result: CountResult) => void): void {
    this.#isCut = true;
    this.end(done);
  }

  onData(chunk: Uint8Array): boolean {
    if (this.#body.write(chunk)) return true;
    this.#stop();
    return false;
  }

  onEnd(): void {
    this.#isOver = true;
    this.#finish();
  }

  onFault(): void {
    this.#body.fault();
    this.#stop();
  }

  /** The client's bytes must not wait for a decoder that has stopped. */
  #stop(): void {
    this.#isOver = true;
    this.#decoder.destroy();
    this.onDrain();
    this.#finish();
  }

  #finish(): void {
    const done = this.#done;
    if (done === null) return;
    this.#done = null;
    done(this.#body.result(!this.#isCut));
  }
}
