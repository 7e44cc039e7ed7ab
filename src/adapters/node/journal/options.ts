/** Options of a file journal. */

import type { JournalDisk } from './disk.ts';
import type { Damage, TornTail } from './scan.ts';

export interface FileJournalOptions {
  /** Created if needed. Contains one journal and nothing else. */
  readonly folder: string;
  /** Limit of all segments; `append` throws `journal_full` if unconfirmed records alone reach it. Default 1 GiB. */
  readonly maxBytes?: number;
  /** Size at which a new segment starts. Default 8 MiB. */
  readonly segmentBytes?: number;
  /**
   * Time for which confirmed records can still be read, if there is room. Default 24 hours. Whole segments are deleted,
   * so a journal with few records keeps them longer.
   */
  readonly retainMs?: number;
  /**
   * Interval of background syncs (default 50), or `'every'` to sync at every append. SIGKILL loses nothing either way;
   * a power failure loses at most this interval.
   */
  readonly syncIntervalMs?: number | 'every';
  /**
   * Maximum number of unconfirmed records that are also kept in memory, so that shipping reads no files. Default
   * 65,536; fewer if they contain more than 4,000,000 post ids (32 MB).
   */
  readonly recordsInMemory?: number;
  /** Called at opening for each torn tail that was cut off. */
  readonly onTornTail?: (tail: TornTail) => void;
  /** Called at opening or reading for records that the disk has lost, so that a loss is never silent. */
  readonly onDamage?: (damage: Damage) => void;
  /** Called when a background sync or the deletion of a segment fails; both are retried. */
  readonly onError?: (error: Error) => void;
  /** All file operations. Default: `node:fs`. */
  readonly disk?: JournalDisk;
  /** Locks the folder, or throws `journal_locked`. Returns a function that unlocks it. */
  readonly lock?: (folder: string) => () => void;
  /** Runs `run` every `ms` milliseconds; returns a function that stops it. Default: a timer that keeps no process alive. */
  readonly everyMs?: (ms: number, run: () => void) => () => void;
  /** Epoch milliseconds UTC. */
  readonly nowMs?: () => number;
  /** Returns a UUID for a new journal. */
  readonly newId?: () => string;
}

/** What the parts of an open journal share. */
export interface JournalContext {
  readonly disk: JournalDisk;
  readonly folder: string;
  /** Epoch milliseconds UTC. */
  readonly nowMs: () => number;
  /** Called for an error whose operation is retried. */
  readonly onError: (error: Error) => void;
}

export function timerEveryMs(ms: number, run: () => void): () => void {
  const timer = setInterval(run, ms).unref();
  return () => clearInterval(timer);
}
