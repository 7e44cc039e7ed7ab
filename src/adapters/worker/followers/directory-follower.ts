/**
 * Keeps the directory of clients in an isolate's memory. It is fetched from the directory object before the first request.
 * Later requests refresh it behind their response when it is out of date.
 */

import { buildDirectory, type Directory } from '../../../identify/directory.ts';
import type { DirectoryObjectMethods, DirectoryVersion } from '../../edge/protocol.ts';
import { withTimeout } from '../timing.ts';

export interface DirectoryFollowerOptions {
  /** Returns the directory object, for a call on behalf of the current request. */
  readonly object: () => DirectoryObjectMethods;
  readonly bucketSeconds: number;
  readonly nowMs: () => number;
  /** Keeps the current request alive until the promise is settled. */
  readonly keepAlive: (promise: Promise<unknown>) => void;
  /** A refresh failed. The last directory stays in use. */
  readonly onError: (error: unknown) => void;
}

/** The object refreshes at the same interval, so a change takes effect within 30 s. */
const REFRESH_MS = 15_000;
/** After an idle time, a directory of this age is not used before a refresh. */
const STALE_MS = 30_000;
const TIMEOUT_MS = 5_000;

export class DirectoryFollower {
  readonly #options: DirectoryFollowerOptions;
  #directory: Directory | null = null;
  #keySecret: Buffer | null = null;
  #version: string | null = null;
  /** When the object last confirmed that this is the newest. */
  #confirmedMs = Number.NEGATIVE_INFINITY;
  #requestedMs = Number.NEGATIVE_INFINITY;
  #failedMs = Number.NEGATIVE_INFINITY;

  constructor(options: DirectoryFollowerOptions) {
    this.#options = options;
  }

  get current(): Directory {
    if (this.#directory === null) throw new TypeError('the directory is read before it is ready');
    return this.#directory;
  }

  get keySecret(): Buffer {
    if (this.#keySecret === null) throw new TypeError('the key secret is read before it is ready');
    return this.#keySecret;
  }

  /**
   * Returns null if a request can be served immediately. Rejects if there is no directory, because a gateway must not
   * serve without knowing its clients.
   */
  ready(): Promise<void> | null {
    const { nowMs, keepAlive } = this.#options;
    const now = nowMs();
    if (this.#directory === null) return this.#refresh();
    const ageMs = now - this.#confirmedMs;
    if (ageMs < REFRESH_MS || now - this.#failedMs < TIMEOUT_MS) return null;
    if (ageMs >= STALE_MS) return this.#tryRefresh();
    if (now - this.#requestedMs < TIMEOUT_MS) return null;
    this.#requestedMs = now;
    keepAlive(this.#tryRefresh());
    return null;
  }

  async #tryRefresh(): Promise<void> {
    try {
      await this.#refresh();
    } catch (error) {
      this.#failedMs = this.#options.nowMs();
      this.#options.onError(error);
    }
  }

  async #refresh(): Promise<void> {
    const answer = this.#options.object().directory(this.#version);
    const newer = await withTimeout(TIMEOUT_MS, answer, 'the directory object');
    if (newer !== null) this.#use(newer);
    this.#confirmedMs = this.#options.nowMs();
  }

  #use({ version, snapshot, keySecret }: DirectoryVersion): void {
    this.#directory = buildDirectory(snapshot, this.#options.bucketSeconds);
    this.#keySecret = Buffer.from(keySecret);
    this.#version = version;
  }
}
