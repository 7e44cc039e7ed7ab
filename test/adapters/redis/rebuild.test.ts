import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { systemTiming } from '../../../src/adapters/node/timing.ts';
import { openRedisWindow } from '../../../src/adapters/redis/window.ts';
import { startShipping } from '../../../src/meter/shipper.ts';
import { TotalsBoard } from '../../../src/meter/totals.ts';
import { bucketOf } from '../../../src/meter/usage.ts';
import { MemoryJournal } from '../../meter/memory-journal.ts';
import { MemoryLedger } from '../../meter/memory-ledger.ts';
import { usageOf } from '../../meter/usages.ts';
import { freshRedis } from '../../services/fresh-redis.ts';

const dayMs = 86_400_000;

/** One gateway process, as far as metering goes. */
function startProcess(url: string, prefix: string, ledger: MemoryLedger, name: string) {
  const window = openRedisWindow({ url, prefix });
  const windowMsOf = () => dayMs;
  const totals = new TotalsBoard({ window, windowMsOf, timing: systemTiming, maxClients: 100 });
  const journal = new MemoryJournal(name);
  totals.start();
  const shipping = startShipping({ journal, ledger, window, totals, timing: systemTiming, windowMsOf });
  return {
    record(posts: number) {
      const usage = usageOf({ clientId: 'client', posts, bucketMs: bucketOf(Date.now(), 60) });
      journal.append([usage]);
      totals.bump([usage]);
    },
    total: () => totals.total('client', Date.now()).posts,
    async stop() {
      await shipping.stop();
      await totals.stop();
      await window.close();
    },
  };
}

it('two processes go on through a flush of Redis, and both end with the exact total', async () => {
  const { url, prefix, drop } = await freshRedis();
  const ledger = new MemoryLedger();
  const processes = ['one', 'two'].map((name) => startProcess(url, prefix, ledger, name));
  const redis = new Redis(url);
  let recorded = 0;
  const recording = setInterval(() => {
    for (const [index, one] of processes.entries()) {
      one.record(index + 1);
      recorded += index + 1;
    }
  }, 5);
  const totals = () => processes.map((one) => one.total());
  await expect.poll(() => redis.exists(`${prefix}{client}`), { timeout: 10_000 }).toBe(1);
  await redis.flushdb();
  await expect.poll(() => redis.hexists(`${prefix}base:{window}`, 'epoch'), { timeout: 15_000 }).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  clearInterval(recording);
  await expect.poll(totals, { timeout: 10_000 }).toEqual([recorded, recorded]);
  await Promise.all(processes.map((one) => one.stop()));
  redis.disconnect();
  await drop();
});
