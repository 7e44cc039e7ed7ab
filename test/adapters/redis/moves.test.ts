import { expect, it, vi } from 'vitest';
import { meteringLedger } from '../../meter/metering-ledger.ts';
import { freshRedis } from '../../support/services/fresh-redis.ts';
import { startMeteringProcess } from './metering-process.ts';

it('a move changes the totals of both clients in all processes, while they record continuously', async () => {
  const { url, prefix, drop } = await freshRedis();
  const ledger = meteringLedger();
  const processes = ['one', 'two'].map((name) => startMeteringProcess(url, prefix, ledger, name));
  const totals = () => processes.map((one) => [one.total('former'), one.total('owner')]);
  await expect.poll(() => processes.some((one) => one.isDegraded()), { timeout: 10_000 }).toBe(false);
  let recorded = 0;
  const recording = setInterval(() => {
    for (const one of processes) one.record('former', 1);
    recorded += processes.length;
  }, 5);
  await vi.waitFor(() => expect(recorded).toBeGreaterThan(50), { timeout: 10_000 });
  const move = { identifierId: 'key', fromMs: 0, toMs: Number.POSITIVE_INFINITY };
  await ledger.move({ ...move, fromClientId: 'former', toClientId: 'owner' });
  const moved = recorded;
  await expect.poll(() => totals().every(([, owner]) => owner! >= moved), { timeout: 10_000 }).toBe(true);
  clearInterval(recording);
  await expect.poll(totals, { timeout: 10_000 }).toEqual(processes.map(() => [0, recorded]));
  const third = startMeteringProcess(url, prefix, ledger, 'three');
  await expect
    .poll(() => [third.total('former'), third.total('owner')], { timeout: 10_000 })
    .toEqual([0, recorded]);
  await Promise.all([...processes, third].map((one) => one.stop()));
  await drop();
});
