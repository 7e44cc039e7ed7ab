import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { meteringLedger } from '../../meter/metering-ledger.ts';
import { freshRedis } from '../../support/services/fresh-redis.ts';
import { startMeteringProcess } from './metering-process.ts';

it('two processes continue through a flush of Redis, and both end with the exact total', async () => {
  const { url, prefix, drop } = await freshRedis();
  const ledger = meteringLedger();
  const processes = ['one', 'two'].map((name) => startMeteringProcess(url, prefix, ledger, name));
  const redis = new Redis(url);
  let recorded = 0;
  const recording = setInterval(() => {
    for (const [index, one] of processes.entries()) {
      one.record('client', index + 1);
      recorded += index + 1;
    }
  }, 5);
  const totals = () => processes.map((one) => one.total('client'));
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
