/**
 * Counts one response: it passes the body to the counter of its format, through a decoder if it is compressed, and
 * returns the number of posts or the reason why it is unknown.
 */

import { BodyByForm } from './body-by-form.ts';
import { BoundedBody, ReadingCounter } from './bounded-body.ts';
import type { Choice, Decision, DeclaredCount, Scan } from './count-decision.ts';
import type { Counter, CountResult } from './counter.ts';
import type { BodyCopy } from './cross-check.ts';
import { DecodingCounter } from './decoding-counter.ts';
import { formatCounter, type ReadableRule } from './formats.ts';
import type { Decoders } from './port.ts';
import { type Explain, PostCount } from './post-count.ts';

const NO_POSTS: CountResult = { posts: 0 };

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
      return new KnownCounter(NO_POSTS, () => NO_POSTS);
    case 'declared':
      return declaredCounter(decision, decoders, limits, onDrain);
    case 'uncounted': {
      const result = { posts: 0, uncounted: decision.reason };
      return new KnownCounter(result, () => result);
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
  if (length !== undefined) return new KnownCounter({ posts }, (bytes) => proRata(posts, bytes, length));
  if (scan === null) return new KnownCounter({ posts }, () => ({ posts: 0, uncounted: 'declared_cut' }));
  return new DeclaredCounter(posts, bodyCounter(scan, decoders, limits, onDrain, noObserver));
}

const noObserver: ObserverOf = () => ({});

/** A cut body counts pro rata of its length. BigInt is exact; the product may exceed the integers of a double. */
function proRata(posts: number, bytes: number, length: number): CountResult {
  const share = (BigInt(posts) * BigInt(bytes)) / BigInt(Math.max(1, length));
  return { posts: Math.min(posts, Number(share)) };
}

type Done = (result: CountResult) => void;

/** Counts a body whose result follows from its head, if it arrives whole, and from its length if it is cut. */
class KnownCounter implements Counter {
  posts = 0;
  readonly hasNews = false;
  readonly #whole: CountResult;
  readonly #cutAfter: (bytes: number) => CountResult;
  #bytes = 0;

  /** @param cutAfter the result of a body of which this many bytes were delivered. */
  constructor(whole: CountResult, cutAfter: (bytes: number) => CountResult) {
    this.#whole = whole;
    this.#cutAfter = cutAfter;
  }

  write(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    return true;
  }

  take(): CountResult {
    return NO_POSTS;
  }

  end(done: Done): void {
    this.finish(this.#whole, done);
  }

  abort(done: Done): void {
    this.finish(this.#cutAfter(this.#bytes), done);
  }

  protected finish(result: CountResult, done: Done): void {
    this.posts = result.posts;
    done(result);
  }
}

/** Counts by a declared count and an unknown length: the body is read in case it is cut. */
class DeclaredCounter extends KnownCounter {
  readonly #declared: number;
  readonly #body: Counter;

  constructor(declared: number, body: Counter) {
    super({ posts: declared }, () => NO_POSTS);
    this.#declared = declared;
    this.#body = body;
  }

  override write(chunk: Uint8Array): boolean {
    return this.#body.write(chunk);
  }

  override end(done: Done): void {
    // Ends its decoder.
    this.#body.abort(() => {});
    super.end(done);
  }

  override abort(done: Done): void {
    this.#body.abort(({ posts, uncounted }) => {
      const cut = { posts: Math.min(posts, this.#declared) };
      this.finish(uncounted === undefined ? cut : { ...cut, uncounted }, done);
    });
  }
}

class IdentityCounter extends ReadingCounter implements Counter {
  write(chunk: Uint8Array): boolean {
    this.body.write(chunk);
    return true;
  }

  end(done: Done): void {
    done(this.body.result(true));
  }

  abort(done: Done): void {
    done(this.body.result(false));
  }
}
