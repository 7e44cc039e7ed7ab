/**
 * Writes the usage of every response before its last chunk is delivered: one journal append for all responses that
 * end in the same turn of the event loop (design, section 5, "Written before delivered").
 */

import { type DecidedUnder, epochAfter, type MeteringEpoch } from './chain/epochs.ts';
import type { JournalGap } from './gaps.ts';
import type { Journal, MeteringConfiguration } from './port.ts';
import type { Usage } from './usage.ts';
import { plus } from './usage-sums.ts';

/** What happens to responses whose usage the journal refuses: served unmetered, or aborted. */
export type OnJournalFailure = 'serve' | 'refuse';

export interface MeterOptions {
  readonly journal: Pick<Journal, 'append'>;
  /** The configuration under which usage is metered. */
  readonly configuration?: MeteringConfiguration;
  /** By which policy and registry requests are decided now; null before the first policy. */
  readonly decidedUnder?: () => DecidedUnder | null;
  /** Runs a function at the end of this turn of the event loop (setImmediate on Node). */
  readonly endOfTurn: (run: () => void) => void;
  /** Called with written usage, before it is delivered. */
  readonly onWritten: (usage: readonly Usage[]) => void;
  /** Default `serve`: the platform is not affected, and the gap is counted and reported. */
  readonly onJournalFailure?: OnJournalFailure;
  /** Called for every turn that could not be written, with the reason. */
  readonly onGap: (error: Error, usage: readonly Usage[]) => void;
  /**
   * Runs a function about a second later. While the journal refuses, an empty record is tried at this interval, so
   * that a recovery is noticed even if no client is served in the meantime.
   */
  readonly later: (run: () => void) => void;
  /** Epoch milliseconds UTC. */
  readonly nowMs: () => number;
}

/**
 * What was served unmetered since the start, always visible in the metrics. It is added to the next record that the
 * journal accepts; if the process dies before that, it is lost.
 */
export interface MeterGaps {
  responses: number;
  posts: number;
}

/** Receives `true` to deliver the last chunk, `false` to abort the response. */
export type ReleaseCallback = (deliver: boolean) => void;

/** Most turns have few usages. Above this number, searching for one to add to costs more than another entry. */
const MAX_SEARCHED = 16;

/** Ids in one journal record, so that it stays far below the limit of a journal's reader: 11 MB of text. */
const MAX_TURN_IDS = 1_000_000;

export class Meter {
  readonly gaps: MeterGaps = { responses: 0, posts: 0 };
  readonly #options: MeterOptions;
  readonly #serveOnFailure: boolean;
  readonly #endTurn = () => this.#writeTurn();
  readonly #probe = () => this.#tryAgain();
  #usage: Usage[] = [];
  #released: ReleaseCallback[] = [];
  /** Number of ids in `#usage`. */
  #ids = 0;
  /** What was served unmetered and is not in the journal yet. */
  #gap: JournalGap | undefined;
  /** Not in the journal yet; it is added to the next record. */
  #configuration: MeteringConfiguration | undefined;
  /** The last epoch in the journal; null before the first one of this process. */
  #epoch: MeteringEpoch | null = null;
  #isFailing = false;
  #isProbing = false;
  #isClosed = false;

  constructor(options: MeterOptions) {
    this.#options = options;
    this.#serveOnFailure = options.onJournalFailure !== 'refuse';
    this.#configuration = options.configuration;
  }

  /** Applies to usage from the next record on. Responses in flight are counted under the previous configuration. */
  useConfiguration(configuration: MeteringConfiguration): void {
    this.#configuration = configuration;
  }

  /** Takes the usage of a finished response. `released` is called once, at the end of this turn. */
  record(usage: Usage, released: ReleaseCallback): void {
    if (this.#released.length === 0) this.#options.endOfTurn(this.#endTurn);
    this.#released.push(released);
    // The ledger's batch joins ids. Joining those of two pages costs 5 µs here, another entry 1.3 (measured).
    if (usage.ids === undefined) this.#addToTurn(usage);
    else this.#usage.push(this.#withinBound(usage, usage.ids));
  }

  /** Beyond the limit, posts count as posts without a known id. */
  #withinBound(usage: Usage, ids: Uint32Array): Usage {
    const turnIds = this.#ids + ids.length / 2;
    if (turnIds <= MAX_TURN_IDS) {
      this.#ids = turnIds;
      return usage;
    }
    const { ids: _dropped, ...rest } = usage;
    return rest;
  }

  #addToTurn(usage: Usage): void {
    const turn = this.#usage;
    for (let at = turn.length - 1; at >= 0 && at >= turn.length - MAX_SEARCHED; at -= 1) {
      const other = turn[at]!;
      if (
        other.ids === undefined &&
        other.identifierId === usage.identifierId &&
        other.bucketMs === usage.bucketMs &&
        other.clientId === usage.clientId
      ) {
        turn[at] = plus(other, usage);
        return;
      }
    }
    turn.push(usage);
  }

  #writeTurn(): void {
    const usage = this.#usage;
    const released = this.#released;
    this.#usage = [];
    this.#released = [];
    this.#ids = 0;
    const deliver = this.#write(usage) || this.#serveOnFailure;
    this.#release(released, deliver);
  }

  /** An error thrown by one response is rethrown after the other responses of the turn are delivered. */
  #release(released: readonly ReleaseCallback[], deliver: boolean): void {
    const faults: unknown[] = [];
    for (const release of released) {
      try {
        release(deliver);
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (faults.length > 0) throw faults.length === 1 ? faults[0] : new AggregateError(faults);
  }

  /** Tries once more to write a gap to the journal. Nothing is recorded after it. */
  close(): void {
    this.#isClosed = true;
    if (this.#gap !== undefined) this.#append([]);
  }

  #write(usage: readonly Usage[]): boolean {
    const error = this.#append(usage);
    if (error === null) return true;
    if (this.#serveOnFailure) this.#addToGap(usage);
    this.#options.onGap(error, usage);
    this.#probeLater();
    return false;
  }

  /** Returns null once it is written. */
  #append(usage: readonly Usage[]): Error | null {
    const { decidedUnder, journal, nowMs } = this.#options;
    const epoch = decidedUnder && epochAfter(this.#epoch, decidedUnder(), nowMs());
    try {
      journal.append(usage, this.#gap, this.#configuration, epoch);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
    this.#gap = undefined;
    this.#configuration = undefined;
    this.#epoch = epoch ?? this.#epoch;
    this.#isFailing = false;
    this.#options.onWritten(usage);
    return null;
  }

  #addToGap(usage: readonly Usage[]): void {
    const nowMs = this.#options.nowMs();
    let { responses, posts } = this.#gap ?? { responses: 0, posts: 0 };
    for (const one of usage) {
      responses += one.requests;
      posts += one.posts;
      this.gaps.responses += one.requests;
      this.gaps.posts += one.posts;
    }
    const { fromMs, toMs } = this.#gap ?? { fromMs: nowMs, toMs: nowMs };
    this.#gap = { fromMs: Math.min(fromMs, nowMs), toMs: Math.max(toMs, nowMs), responses, posts };
  }

  #probeLater(): void {
    this.#isFailing = true;
    if (this.#isProbing) return;
    this.#isProbing = true;
    this.#options.later(this.#probe);
  }

  #tryAgain(): void {
    this.#isProbing = false;
    if (this.#isFailing && !this.#isClosed && this.#append([]) !== null) this.#probeLater();
  }
}
