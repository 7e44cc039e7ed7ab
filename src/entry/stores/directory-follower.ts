/** Keeps a copy of the ledger's directory of clients in memory. It is read at startup and after each change. */

import { setTimeout as sleep } from 'node:timers/promises';
import { buildDirectory, type Directory } from '../../identify/directory.ts';
import type { DirectorySource } from '../../identify/port.ts';
import type { Logger } from '../logs/log.ts';

export interface FollowedDirectory {
  readonly current: () => Directory;
  /** Resolves once `current` includes everything in the ledger at the time of the call. Rejects after `REFRESH_WITHIN_MS`. */
  readonly refresh: () => Promise<void>;
  /** Calls `loaded` after each later load. */
  readonly onLoaded: (loaded: () => void) => void;
  readonly stop: () => Promise<void>;
}

const REFRESH_WITHIN_MS = 2_000;

/** Throws if the first load fails, because a gateway without a directory must not serve. */
export async function followDirectory(
  source: DirectorySource,
  bucketSeconds: number,
  log: Logger,
): Promise<FollowedDirectory> {
  let directory = buildDirectory(await source.load(), bucketSeconds);
  let loading: Promise<void> | null = null;
  let changedMeanwhile = false;
  let onLoaded = (): void => {};

  const load = async (): Promise<void> => {
    try {
      directory = buildDirectory(await source.load(), bucketSeconds);
      log.debug('directory loaded');
      onLoaded();
    } catch (error) {
      // The source reports a change again when its connection is back.
      log.warn({ err: error }, 'the directory of clients cannot be read; the last one remains in use');
    }
    loading = null;
    if (changedMeanwhile) changed();
  };
  const changed = (): void => {
    changedMeanwhile = loading !== null;
    loading ??= load();
  };

  const refresh = async (): Promise<void> => {
    // A running load may have started before the change.
    if (loading !== null) await loading;
    loading ??= load();
    await loading;
  };

  const stopWatching = await source.watch(changed);
  return {
    current: () => directory,
    onLoaded: (loaded) => {
      onLoaded = loaded;
    },
    refresh: () => within(REFRESH_WITHIN_MS, refresh()),
    stop: async () => {
      await stopWatching();
      await loading;
    },
  };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const timeout = new AbortController();
  const late = sleep(ms, undefined, { signal: timeout.signal }).then(
    () => {
      throw new Error(`the directory of clients was not read within ${ms} ms`);
    },
    () => {},
  );
  await Promise.race([work, late]).finally(() => timeout.abort());
}
