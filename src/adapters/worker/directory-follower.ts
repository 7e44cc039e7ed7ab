/**
 * Keeps the directory of clients in an isolate's memory: fetched from the directory object before the first request,
 * and again behind the response of whichever request comes when it is getting old.
 */

import { buildDirectory, type Directory } from '../../identify/directory.ts';
import type { DirectoryObjectMethods, DirectoryVersion } from '../edge/protocol.ts';
import { within } from './within.ts';

export interface DirectoryFollowerOptions {
  /** Of the request in whose course it is called. */
  readonly object: () => DirectoryObjectMethods;
  readonly bucketSeconds: number;
  readonly nowMs: () => number;
  /** Keeps the request that runs now alive until the promise is settled. */
  readonly keepAlive: (promise: Promise<unknown>) => void;
  /** The last one stays in use. */
  readonly onError: (error: unknown) => void;
}

/** The object itself is so far behind the ledger at most: with ours, 30 s. */
const REFRESH_MS = 15_000;
/** Of an isolate that was idle: one that is older is not used before the object was asked. */
const STALE_MS = 30_000;
const ANSWER_WITHIN_MS = 5_000;

export class DirectoryFollower {
  readonly #options: DirectoryFollowerOptions;
  #directory: Directory | null = null;
  #keySecret: Buffer | null = null;
  #version: string | null = null;
  /** When the object last said that this is the newest. */
  #confirmedMs = Number.NEGATIVE_INFINITY;
  #askedMs = Number.NEGATIVE_INFINITY;
  #failedMs = Number.NEGATIVE_INFINITY;

  constructor(options: DirectoryFollowerOptions) {
    this.#options = options;
  }

  get current(): Directory {
    if (this.#directory === null) throw new TypeError('the directory is asked for before it is ready');
    return this.#directory;
  }

  get keySecret(): Buffer {
    if (this.#keySecret === null) throw new TypeError('the key secret is asked for before it is ready');
    return this.#keySecret;
  }

  /**
   * Null where a request can be served at once. Rejects where there is no directory at all: a gateway that knows no
   * client must not serve.
   */
  ready(): Promise<void> | null {
    const { nowMs, keepAlive } = this.#options;
    const now = nowMs();
    if (this.#directory === null) return this.#refresh();
    const ageMs = now - this.#confirmedMs;
    if (ageMs < REFRESH_MS || now - this.#failedMs < ANSWER_WITHIN_MS) return null;
    if (ageMs >= STALE_MS) return this.#refreshOrGoOn();
    if (now - this.#askedMs < ANSWER_WITHIN_MS) return null;
    this.#askedMs = now;
    keepAlive(this.#refreshOrGoOn());
    return null;
  }

  async #refreshOrGoOn(): Promise<void> {
    try {
      await this.#refresh();
    } catch (error) {
      this.#failedMs = this.#options.nowMs();
      this.#options.onError(error);
    }
  }

  async #refresh(): Promise<void> {
    const asking = this.#options.object().directory(this.#version);
    const found = await within(ANSWER_WITHIN_MS, asking, 'the directory object');
    if (found !== null) this.#use(found);
    this.#confirmedMs = this.#options.nowMs();
  }

  #use({ version, snapshot, keySecret }: DirectoryVersion): void {
    this.#directory = buildDirectory(snapshot, this.#options.bucketSeconds);
    this.#keySecret = Buffer.from(keySecret);
    this.#version = version;
  }
}
