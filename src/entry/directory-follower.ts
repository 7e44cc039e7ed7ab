/** Keeps the directory of clients in memory as the ledger has it: read once at the start, again after each change. */

import { buildDirectory, type Directory } from '../identify/directory.ts';
import type { DirectorySource } from '../identify/port.ts';
import type { Logger } from './log.ts';

export interface FollowedDirectory {
  readonly current: () => Directory;
  readonly stop: () => Promise<void>;
}

/** Throws where the first load fails: a gateway that knows no client must not serve. */
export async function followDirectory(
  source: DirectorySource,
  bucketSeconds: number,
  log: Logger,
): Promise<FollowedDirectory> {
  let directory = buildDirectory(await source.load(), bucketSeconds);
  let loading: Promise<void> | null = null;
  let changedMeanwhile = false;

  const load = async (): Promise<void> => {
    try {
      directory = buildDirectory(await source.load(), bucketSeconds);
      log.debug('directory loaded');
    } catch (error) {
      // The last one stays in use; the source calls again when its connection is back.
      log.warn({ err: error }, 'the directory of clients cannot be read; going on with the last one');
    }
    loading = null;
    if (changedMeanwhile) changed();
  };
  const changed = (): void => {
    changedMeanwhile = loading !== null;
    loading ??= load();
  };

  const stopWatching = await source.watch(changed);
  return {
    current: () => directory,
    stop: async () => {
      await stopWatching();
      await loading;
    },
  };
}
