/**
 * Counts one response: it passes the body to the counter of its format, through a decoder if it is compressed, and
 * returns the number of posts or the reason why it is unknown.
 */

import { BodyByForm } from './body-by-form.ts';
import { BoundedBody, type CountedBody } from './bounded-body.ts';
import type { Choice, Decision, DeclaredCount, Scan } from './count-decision.ts';
import type { Counter, CountResult } from './counter.ts';
import type { BodyCopy } from './cross-check.ts';
import { DecodingCounter } from './decoding-counter.ts';
import { formatCounter, type ReadableRule } from './formats.ts';
import type { Decoders } from './port.ts';
import { type Explain, PostCount } from './post-count.ts';

export interface CountLimits {
  /** A longer body, decoded, is uncounted. */
  readonly maxDecodedBytes: number;
  /** Whether ids of posts are collected, to count unique posts. */
  readonly wantsIds: boolean;
}

/** Observes the counting of a body. */
export interface CountObserver {
  /** Called for every item. */
  readonly explain?: Explain | undefined;
  /** Filled with the body, to count it a second time. */
  readonly copy?: BodyCopy | null;
}

/** Called once the rule that reads the body is known: immediately, or after the start of the body. */
export type ObserverOf = (rule: ReadableRule) => CountObserver;

/** @param onDrain called after `write` returned false, once there is room again. */
export function createCounter(
  decision: Decision,
  decoders: Decoders,
  limits: CountLimits,
  onDrain: () => void,
  observerOf: ObserverOf = noObserver,
): Counter {
  switch (decision.kind) {
    case 'none':
      return NOTHING;
    case 'declared':
      return declaredCounter(decision, decoders, limits, onDrain);
    case 'uncounted': {
      const result = { posts: 0, uncounted: decision.reason };
      return new KnownCounter(result, result);
    }
    case 'scan':
    case 'choice':
      return bodyCounter(decision, decoders, limits, onDrain, observerOf);
  }
}

function bodyCounter(
  decision: Scan | Choice,
  decoders: Decoders,
  limits: CountLimits,
  onDrain: () => void,
  observerOf: ObserverOf,
): Counter {
  const open = (scan: Scan) => openBody(scan, limits, observerOf(scan.rule));
  const body = decision.kind === 'scan' ? open(decision) : new BodyByForm(decision.byForm, open);
  if (decision.codings.length === 0) return new IdentityCounter(body);
  return new DecodingCounter(body, decoders, decision.codings, onDrain);
}

function openBody(scan: Scan, limits: CountLimits, { explain, copy = null }: CountObserver): BoundedBody {
  const { rule } = scan;
  const found = new PostCount(rule.selectors, limits.wantsIds, explain);
  const maxBytes = rule.isStream ? Number.POSITIVE_INFINITY : limits.maxDecodedBytes;
  const format = formatCounter(rule, scan, found);
  return new BoundedBody(format, found, maxBytes, rule.isStream, copy, scan.isError);
}

/** @param onDrain of the counter that reads a body of unknown length. */
function declaredCounter(
  { posts, length, scan }: DeclaredCount,
  decoders: Decoders,
  limits: CountLimits,
  onDrain: () => void,
): Counter {
  if (length !== undefined) return new ProRataCounter(posts, length);
  if (scan === null) return new KnownCounter({ posts }, { posts: 0, uncounted: 'declared_cut' });
  return new DeclaredCounter(posts, bodyCounter(scan, decoders, limits, onDrain, noObserver));
}

const noObserver: ObserverOf = () => ({});

/** Counts a body whose result is known before it arrives. */
class KnownCounter implements Counter {
  posts = 0;
  readonly hasNews = false;
  readonly #whole: CountResult;
  readonly #cut: CountResult;

  constructor(whole: CountResult, cut: CountResult) {
    this.#whole = whole;
    this.#cut = cut;
  }

  write(): boolean {
    return true;
  }

  take(): CountResult {
    return { posts: 0 };
  }

  end(done: (result: CountResult) => void): void {
    this.posts = this.#whole.posts;
    done(this.#whole);
  }

  abort(done: (result: CountResult) => void): void {
    done(this.#cut);
  }
}

/** Counts by a declared count and a known length: a cut body counts pro rata of the delivered bytes. */
class ProRataCounter implements Counter {
  posts = 0;
  readonly hasNews = false;
  readonly #declared: number;
  readonly #length: number;
  #bytes = 0;

  /** @param length of the whole body, in bytes. */
  constructor(declared: number, length: number) {
    this.#declared = declared;
    this.#length = length;
  }

  write(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    return true;
  }

  take(): CountResult {
    return { posts: 0 };
  }

  end(done: (result: CountResult) => void): void {
    this.posts = this.#declared;
    done({ posts: this.posts });
  }

  abort(done: (result: CountResult) => void): void {
    // BigInt is exact; the product may exceed the integers of a double.
    const share = (BigInt(this.#declared) * BigInt(this.#bytes)) / BigInt(Math.max(1, this.#length));
    this.posts = Math.min(this.#declared, Number(share));
    done({ posts: this.posts });
  }
}

/** Counts by a declared count and an unknown length: the body is read in case it is cut. */
class DeclaredCounter implements Counter {
  posts = 0;
  readonly hasNews = false;
  readonly #declared: number;
  readonly #body: Counter;

  constructor(declared: number, body: Counter) {
    this.#declared = declared;
    this.#body = body;
  }

  write(chunk: Uint8Array): boolean {
    return this.#body.write(chunk);
  }

  take(): CountResult {
    return { posts: 0 };
  }

  end(done: (result: CountResult) => void): void {
    this.posts = this.#declared;
    // Ends its decoder.
    this.#body.abort(() => {});
    done({ posts: this.posts });
  }

  abort(done: (result: CountResult) => void): void {
    this.#body.abort(({ posts, uncounted }) => {
      this.posts = Math.min(posts, this.#declared);
      done(uncounted === undefined ? { posts: this.posts } : { posts: this.posts, uncounted });
    });
  }
}

/** Has no mutable state, so all responses share it. */
const NOTHING: Counter = new KnownCounter({ posts: 0 }, { posts: 0 });

class IdentityCounter implements Counter {
  readonly #body: CountedBody;

  constructor(body: CountedBody) {
    this.#body = body;
  }

  get posts(): number {
    return this.#body.posts;
  }

  get hasNews(): boolean {
    return this.#body.hasNews;
  }

  take(): CountResult {
    return this.#body.take();
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
