/** Works on what-ifs in the background of a Node process, for as long as any is unfinished. */

import { MAX_RUNNING_WHAT_IFS } from '../../whatif/port.ts';
import { type WhatIfWorkerOptions, workOnWhatIfs } from './worker.ts';

export interface WhatIfJob {
  /** Starts to work if a place is free. */
  wake(): void;
  /** Stops after the current clients, then resolves. What was begun continues at the next start. */
  stop(): Promise<void>;
}

/** When to look again for a what-if that another process has given up. */
const RETRY_MS = 15_000;

export function whatIfJob(options: WhatIfWorkerOptions): WhatIfJob {
  const stopping = new AbortController();
  const places = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;

  const wake = (): void => {
    if (stopping.signal.aborted || places.size === MAX_RUNNING_WHAT_IFS) return;
    clearTimeout(timer);
    const place = workOnWhatIfs(options, stopping.signal)
      .then(() => options.work.isUnfinished())
      .catch(() => true)
      .then((isUnfinished) => {
        places.delete(place);
        if (isUnfinished && !stopping.signal.aborted) timer = setTimeout(wake, RETRY_MS).unref();
      });
    places.add(place);
  };

  return {
    wake,
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await Promise.all(places);
    },
  };
}
