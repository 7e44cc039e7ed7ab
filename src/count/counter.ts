/**
 * Counts one response: hands its body to the counter of its format, through a decoder where it is compressed, and
 * says at the end how many posts it held or why that cannot be known.
 */

import { BodyByForm } from './body-by-form.ts';
import { BoundedBody, type CountedBody } from './bounded-body.ts';
import type { BodyCopy } from './cross-check.ts';
import { DecodingCounter } from './decoding-counter.ts';
import { formatCounter, type ReadableRule } from './formats.ts';
import type { Choice, Decision, Declared, Scan } from './outcome.ts';
import type { Decoders } from './port.ts';
import { type Explain, type FoundPosts, PostCount } from './post-count.ts';
import type { UncountedReason } from './uncounted.ts';

/**
 * What a response held beyond what was taken while it ran. Where `uncounted` is set, what was seen in the faulty
 * body (or the faulty frames of a stream) is in no figure: it is doubtful, and doubt favours the client.
 */
export interface CountResult extends FoundPosts {
  readonly uncounted?: UncountedReason;
}

export interface Counter {
  /** Takes a chunk of the body as it goes to the client. False: wait for `onDrain` before the next. */
  write(chunk: Uint8Array): boolean;
  /** Posts whose last byte has been consumed; behind what was written while a decoder is at work. */
  readonly posts: number;
  /** Whether a stream has held something to take since the last time: always false for what is no stream. */
  readonly hasNews: boolean;
  /**
   * Takes the posts of a stream that nothing later can take back, and its first flaw, to be metered while it runs.
   * What was taken is not in the result.
   */
  take(): CountResult;
  /** The whole body was written. Calls `done` once; before it returns, unless the body is compressed. */
  end(done: (result: CountResult) => void): void;
  /** Set to be called when a decoder has found more than there was when `write` returned. */
  onDecoded?: () => void;
  /** Client or upstream broke off after what was written. A body that is cut is no fault then. As `end` otherwise. */
  abort(done: (result: CountResult) => void): void;
  /**
   * The caller has waited too long for `onDrain` or `done`: the body is uncounted (`encoding`), and both are called.
   * Absent if the counter never makes its caller wait.
   */
  giveUp?(): void;
}

export interface CountLimits {
  /** A longer body, decompressed, is uncounted. */
  readonly maxDecodedBytes: number;
  /** Whether ids of posts are collected, to count unique posts. */
  readonly wantsIds: boolean;
}

/** Who looks on while a body is counted. */
export interface CountWatch {
  /** Told of every item. */
  readonly explain?: Explain | undefined;
  /** Filled, to be counted a second time. */
  readonly copy?: BodyCopy | null;
}

/** Called once it is known which rule reads the body: at once, or when the body has begun. */
export type WatchOf = (rule: ReadableRule) => CountWatch;

/** @param onDrain called after `write` returned false, when there is room again. */
export function createCounter(
  decision: Decision,
  decoders: Decoders,
  limits: CountLimits,
  onDrain: () => void,
  watchOf: WatchOf = nobody,
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
      return bodyCounter(decision, decoders, limits, onDrain, watchOf);
  }
}

function bodyCounter(
  decision: Scan | Choice,
  decoders: Decoders,
  limits: CountLimits,
  onDrain: () => void,
  watchOf: WatchOf,
): Counter {
  const open = (scan: Scan) => openBody(scan, limits, watchOf(scan.rule));
  const body = decision.kind === 'scan' ? open(decision) : new BodyByForm(decision.byForm, open);
  if (decision.codings.length === 0) return new IdentityCounter(body);
  return new DecodingCounter(body, decoders, decision.codings, onDrain);
}

function openBody(scan: Scan, limits: CountLimits, { explain, copy = null }: CountWatch): BoundedBody {
  const { rule } = scan;
  const found = new PostCount(rule.selectors, limits.wantsIds, explain);
  const maxBytes = rule.isStream ? Number.POSITIVE_INFINITY : limits.maxDecodedBytes;
  const format = formatCounter(rule, scan, found);
  return new BoundedBody(format, found, maxBytes, rule.isStream, copy, scan.isError);
}

/** @param onDrain of the counter that reads a body of unknown length. */
function declaredCounter(
  { posts, length, scan }: Declared,
  decoders: Decoders,
  limits: CountLimits,
  onDrain: () => void,
): Counter {
  if (length !== undefined) return new ProRataCounter(posts, length);
  if (scan === null) return new KnownCounter({ posts }, { posts: 0, uncounted: 'declared_cut' });
  return new DeclaredCounter(posts, bodyCounter(scan, decoders, limits, onDrain, nobody));
}

const nobody: WatchOf = () => ({});

/** What is known before the body comes. */
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

/** A declared count and a known length: of a body that is cut, the share of its bytes that was delivered. */
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
    // Exact: the product may be larger than a double can hold.
    const share = (BigInt(this.#declared) * BigInt(this.#bytes)) / BigInt(Math.max(1, this.#length));
    this.posts = Math.min(this.#declared, Number(share));
    done({ posts: this.posts });
  }
}

/** A declared count of a body of unknown length, which is read in case that it is cut. */
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

/** Holds no state that a response could change, so that one serves all. */
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
