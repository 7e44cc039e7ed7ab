/** The metering of one gateway process, with its own journal and totals over a shared Redis and ledger. */

import { systemTiming } from '../../../src/adapters/node/timing.ts';
import { openRedisWindow } from '../../../src/adapters/redis/window.ts';
import type { UsageLedger } from '../../../src/meter/port.ts';
import { startShipping } from '../../../src/meter/shipper.ts';
import { TotalsCache } from '../../../src/meter/totals/totals-cache.ts';
import { bucketOf } from '../../../src/meter/usage.ts';
import { MemoryJournal } from '../../meter/memory-journal.ts';
import { usageOf } from '../../meter/usages.ts';

const DAY_MS = 86_400_000;

export type MeteringProcess = ReturnType<typeof startMeteringProcess>;

export function startMeteringProcess(url: string, prefix: string, ledger: UsageLedger, name: string) {
  const said: string[] = [];
  const onAdvice = (advice: string) => said.push(advice);
  const window = openRedisWindow({ url, prefix, onAdvice, coolingMs: 3_000 });
  const windowMsOf = () => DAY_MS;
  const totals = new TotalsCache({ window, windowMsOf, timing: systemTiming, maxClients: 1_000 });
  const journal = new MemoryJournal(name);
  totals.start();
  const shipping = startShipping({
    journal,
    ledger,
    window,
    totals,
    timing: systemTiming,
    windowMsOf,
    onError: (target, error) => said.push(`${target}: ${error.message}`),
  });
  return {
    window,
    /** Its reports of faults, and of settings that endanger the totals. */
    said,
    record(clientId: string, posts: number) {
      const usage = usageOf({ clientId, posts, bucketMs: bucketOf(Date.now(), 60) });
      journal.append([usage]);
      totals.bump([usage]);
    },
    total: (clientId: string) => totals.total(clientId, Date.now()).posts,
    isDegraded: () => totals.degraded,
    async stop() {
      await shipping.stop();
      await totals.stop();
      await window.close();
    },
  };
}
