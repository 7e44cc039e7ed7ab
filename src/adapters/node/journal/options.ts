/** What a file journal is opened with. */

import type { JournalDisk } from './disk.ts';
import type { Damage, TornTail } from './scan.ts';

export interface FileJournalOptions {
  /** Made if need be; holds one journal and nothing else. */
  readonly folder: string;
  /** Bound over all segments; `append` throws `journal_full` where unconfirmed records alone reach it. Default 1 GiB. */
  readonly maxBytes?: number;
  /** A new segment is begun at this size. Default 8 MiB. */
  readonly segmentBytes?: number;
  /**
   * How long what the ledger has confirmed is kept and can be read again, where there is room. Default 24 hours; it
   * goes by segments, so that a quiet journal keeps more.
   */
  readonly retainMs?: number;
  /**
   * Time between syncs in the background (default 50), or `'every'`: at every append. SIGKILL loses nothing either
   * way; a loss of power loses at most this much.
   */
  readonly syncIntervalMs?: number | 'every';
  /**
   * Unconfirmed records kept in memory too, so that shipping reads no files. Default 65,536; fewer where they hold
   * more than 4,000,000 ids of posts (32 MB).
   */
  readonly recordsInMemory?: number;
  /** Told at opening of every tail that was cut off. */
  readonly onTornTail?: (tail: TornTail) => void;
  /** Told, at opening or reading, of records that the disk has lost: never silent. */
  readonly onDamage?: (damage: Damage) => void;
  /** Told when the background sync or the dropping of segments fails; both are tried again. */
  readonly onError?: (error: Error) => void;
  /** Everything that is read and written goes through it. Default: the disk of this machine. */
  readonly disk?: JournalDisk;
  /** Holds the folder for this opener alone, or throws `journal_locked`; returns what lets go of it. */
  readonly lock?: (folder: string) => () => void;
  /** Runs something again and again, `ms` apart, and returns what ends it. Default: a timer that holds no process. */
  readonly everyMs?: (ms: number, run: () => void) => () => void;
  /** Epoch milliseconds UTC. */
  readonly nowMs?: () => number;
  /** A UUID for a folder that has no journal yet. */
  readonly newId?: () => string;
}

/** What the parts of an open journal stand on. */
export interface JournalGround {
  readonly disk: JournalDisk;
  readonly folder: string;
  /** Epoch milliseconds UTC. */
  readonly nowMs: () => number;
  /** Told of what failed and is tried again. */
  readonly onError: (error: Error) => void;
}

export function timerEveryMs(ms: number, run: () => void): () => void {
  const timer = setInterval(run, ms).unref();
  return () => clearInterval(timer);
}
