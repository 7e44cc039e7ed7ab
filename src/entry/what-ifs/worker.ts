/** Works on what-ifs one after another, in a process or an object at the edge. */

import { setTimeout as sleep } from 'node:timers/promises';
import { isLedgerAway } from '../../adapters/postgres/connection/db.ts';
import type { AdminLog } from '../../admin/port.ts';
import { runWhatIf, type WhatIfDeps } from '../../whatif/run.ts';

export interface WhatIfWorkerOptions extends Omit<WhatIfDeps, 'step'> {
  readonly log: AdminLog;
}

/** A what-if whose owner has not saved for this long is taken over. Owners save every 2 s. */
const ABANDONED_MS = 30_000;
/** Time after which a worker rests for as long as it computed, so that requests take turns with it. */
const SLICE_MS = 4;

/** Resolves when no what-if can be claimed, or after the current client once `signal` aborts. Never rejects. */
export async function workOnWhatIfs(options: WhatIfWorkerOptions, signal: AbortSignal): Promise<void> {
  const { work, newId, nowMs, log } = options;
  const owner = newId();
  const deps = { ...options, step: restingStep() };
  try {
    while (!signal.aborted) {
      const claimed = await work.claim(owner, nowMs(), nowMs() - ABANDONED_MS);
      if (claimed === null) return;
      await runWhatIf(claimed, owner, deps, signal).catch(async (error: unknown) => {
        // It stays claimed, and is taken over once the ledger is back.
        if (isLedgerAway(error)) throw error;
        const incident = newId();
        log.error({ err: error, incident, whatIf: claimed.id }, 'a what-if failed');
        const failure = `It failed unexpectedly. The log has the details under ${incident}.`;
        await work.fail(claimed.id, owner, nowMs(), failure);
      });
    }
  } catch (error) {
    log.warn({ err: error }, 'what-ifs cannot be worked on; this is tried again');
  }
}

function restingStep(): WhatIfDeps['step'] {
  let workedMs = 0;
  return async (pass) => {
    const startMs = performance.now();
    const result = pass();
    workedMs += performance.now() - startMs;
    if (workedMs >= SLICE_MS) {
      await sleep(workedMs);
      workedMs = 0;
    }
    return result;
  };
}
