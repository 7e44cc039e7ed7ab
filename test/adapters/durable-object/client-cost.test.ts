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

/** The rows that Cloudflare bills. The client has a full day of usage, from many isolates. */
describe('the rows that a client object reads and writes', () => {
  test('are few for each usage and shipment, regardless of how much is stored', async () => {
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
    await object.addProducers(5_000);
    await object.prune();

    // Only the record.
    expect(await take()).toEqual({ rowsRead: expect.any(Number), rowsWritten: 1 });
    expect((await take()).rowsRead).toBeLessThanOrEqual(10);
    expect(
      await take([usageOf({ clientId, bucketMs: now }), usageOf({ clientId, bucketMs: now - MINUTE_MS })]),
    ).toMatchObject({ rowsWritten: 1 });
    sequence -= 1;
    expect((await take()).rowsWritten).toBe(0);

    for (let at = 0; at < 50; at++) await take();
    const shipped = await object.ship();
    // The producer, two buckets, the flushed sequence, and the confirmation of the minute. Each record is read twice:
    // its length and its payload.
    expect(shipped.rowsWritten).toBe(5);
    expect(shipped.rowsRead).toBeLessThanOrEqual(150);
    const idle = await object.ship();
    expect(idle.rowsWritten).toBe(0);
    expect(idle.rowsRead).toBeLessThanOrEqual(10);
    const pruned = await object.prune();
    expect(pruned.rowsWritten).toBe(0);
    expect(pruned.rowsRead).toBeLessThanOrEqual(10);
    // Each row is deleted once. The newest confirmation stays.
    const gone = { records: sequence, buckets: 1400, producers: 5_001 };
    const aged = await object.prune(DAY_MS + 5 * MINUTE_MS);
    const rows = gone.records + gone.buckets + gone.producers;
    expect(aged.rowsWritten).toBeGreaterThanOrEqual(rows);
    expect(aged.rowsWritten).toBeLessThanOrEqual(rows + 2);
    expect(aged.rowsRead).toBeLessThanOrEqual(rows + 10);
  });

  test('are a few more for a new client', async () => {
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
    // The record, the client and the configuration.
    expect((await object.take(sent)).rowsWritten).toBe(1 + 2);
    // Producer, bucket and flushed sequence; the note that the window is filled; the confirmation.
    expect((await object.ship()).rowsWritten).toBe(3 + 1 + 1);
  });
});
