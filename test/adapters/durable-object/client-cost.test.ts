import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { usageOf } from '../../meter/usages.ts';
import { COUNTED_UNDER, DAY_MS, MINUTE_MS, type ObjectSite, startSite, thisMinute } from './client.ts';
import type { MeteredObject } from './worker.ts';

let site: ObjectSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.stop());

/** Rows that the platform bills, of a client with a full day behind it that many isolates have served. */
describe('what a client object reads and writes', () => {
  test('is a few rows for each usage and shipment, however much it holds', async () => {
    const clientId = randomUUID();
    const object = site.objects.object<MeteredObject>('METERED', clientId);
    const now = thisMinute();
    const day = Array.from({ length: 1400 }, (_, at) =>
      usageOf({ clientId, bucketMs: now - at * MINUTE_MS }),
    );
    let sequence = 0;
    const take = (usage = [usageOf({ clientId, bucketMs: now })]) => {
      sequence += 1;
      return object.take({
        clientId,
        sender: 'isolate',
        sequence,
        usage,
        windowMs: DAY_MS,
        configuration: COUNTED_UNDER,
      });
    };
    await take(day);
    await object.ship();
    await object.addSenders(5_000);
    await object.prune();

    // The record alone.
    expect(await take()).toEqual({ rowsRead: expect.any(Number), rowsWritten: 1 });
    expect((await take()).rowsRead).toBeLessThanOrEqual(10);
    expect(
      await take([usageOf({ clientId, bucketMs: now }), usageOf({ clientId, bucketMs: now - MINUTE_MS })]),
    ).toMatchObject({ rowsWritten: 1 });
    sequence -= 1;
    expect((await take()).rowsWritten).toBe(0);

    for (let at = 0; at < 50; at++) await take();
    const shipped = await object.ship();
    // The sender, two buckets, the last record that they know, and the mark of the minute. Each record is read twice, by
    // its length and by itself.
    expect(shipped.rowsWritten).toBe(5);
    expect(shipped.rowsRead).toBeLessThanOrEqual(150);
    const idle = await object.ship();
    expect(idle.rowsWritten).toBe(0);
    expect(idle.rowsRead).toBeLessThanOrEqual(10);
    const pruned = await object.prune();
    expect(pruned.rowsWritten).toBe(0);
    expect(pruned.rowsRead).toBeLessThanOrEqual(10);
    // Each row goes once, and what is left of the marks tells how far the ledger is.
    const gone = { records: sequence, buckets: 1400, senders: 5_001 };
    const aged = await object.prune(DAY_MS + 5 * MINUTE_MS);
    const rows = gone.records + gone.buckets + gone.senders;
    expect(aged.rowsWritten).toBeGreaterThanOrEqual(rows);
    expect(aged.rowsWritten).toBeLessThanOrEqual(rows + 2);
    expect(aged.rowsRead).toBeLessThanOrEqual(rows + 10);
  });

  test('is a few rows more for a client that comes for the first time', async () => {
    const clientId = randomUUID();
    const object = site.objects.object<MeteredObject>('METERED', clientId);
    const usage = [usageOf({ clientId, bucketMs: thisMinute() })];
    const sent = {
      clientId,
      sender: 'isolate',
      sequence: 1,
      usage,
      windowMs: DAY_MS,
      configuration: COUNTED_UNDER,
    };
    // Whose it is, under which configuration it is counted, and that its window has begun.
    expect((await object.take(sent)).rowsWritten).toBe(1 + 4);
    // Sender, bucket and the record that they know; that the window has what the ledger had; the mark.
    expect((await object.ship()).rowsWritten).toBe(3 + 1 + 1);
  });
});
