import { describe, expect, it } from 'vitest';
import { Meter, type MeterOptions } from '../../src/meter/meter.ts';
import type { Usage } from '../../src/meter/usage.ts';
import { MemoryJournal } from './memory-journal.ts';
import { usageOf } from './usages.ts';

function rig(options: Partial<MeterOptions> = {}) {
  const journal = new MemoryJournal('journal');
  const log: string[] = [];
  const turns: Array<() => void> = [];
  const clock = { nowMs: 1_000 };
  const later: Array<() => void> = [];
  const meter = new Meter({
    journal,
    endOfTurn: (run) => turns.push(run),
    onWritten: (usage) => log.push(`written ${usage.length}`),
    onGap: (error, usage) => log.push(`gap ${error.message} ${usage.length}`),
    later: (run) => later.push(run),
    nowMs: () => clock.nowMs,
    ...options,
  });
  const record = (usage: Usage, name: string) =>
    meter.record(usage, (deliver) => log.push(`${deliver ? 'deliver' : 'break off'} ${name}`));
  const endTurn = () => {
    for (const run of turns.splice(0)) run();
  };
  /** Advances the second after which a failed journal is tried again. Returns the number of attempts. */
  const aSecondLater = () => {
    const runs = later.splice(0);
    for (const run of runs) run();
    return runs.length;
  };
  return { journal, log, meter, record, endTurn, clock, aSecondLater };
}

describe('the meter', () => {
  it('releases nothing before its usage is written, and writes all usage of a turn at once', async () => {
    const { journal, log, record, endTurn } = rig();
    record(usageOf({ posts: 3 }), 'a');
    record(usageOf({ posts: 4 }), 'b');
    record(usageOf({ identifierId: 'other' }), 'c');
    expect(log).toEqual([]);
    endTurn();
    expect(journal.appends).toBe(1);
    expect(log).toEqual(['written 2', 'deliver a', 'deliver b', 'deliver c']);
  });

  it('adds up the usage of one identifier in one bucket', async () => {
    const { journal, record, endTurn } = rig();
    const all = { posts: 2, requests: 1, refused: 1, bytes: 3, uncounted: 1 };
    record(usageOf(all), 'a');
    record(usageOf({ bucketMs: 60_000 }), 'b');
    record(usageOf({ clientId: 'other' }), 'c');
    record(usageOf(all), 'd');
    endTurn();
    const [written] = await journal.read(0, 10);
    expect(written!.usage).toEqual([
      usageOf({ posts: 4, requests: 2, refused: 2, bytes: 6, uncounted: 2 }),
      usageOf({ bucketMs: 60_000 }),
      usageOf({ clientId: 'other' }),
    ]);
  });

  it('writes the ids of posts with their usage, and drops ids beyond the limit of one record', async () => {
    const { journal, record, endTurn } = rig();
    const ids = (count: number) => new Uint32Array(2 * count).fill(7);
    record(usageOf({ posts: 3, ids: ids(3) }), 'a');
    record(usageOf({ posts: 999_996, ids: ids(999_996) }), 'b');
    record(usageOf({ posts: 2, ids: ids(2) }), 'c');
    record(usageOf({ identifierId: 'other', posts: 1, ids: ids(1) }), 'd');
    endTurn();
    record(usageOf({ posts: 2, ids: ids(2) }), 'e');
    endTurn();
    const records = await journal.read(0, 10);
    expect(
      records.map(({ usage }) => usage.map(({ posts, ids }) => [posts, (ids?.length ?? 0) / 2])),
    ).toEqual([
      [
        [3, 3],
        [999_996, 999_996],
        [2, 0],
        [1, 1],
      ],
      [[2, 2]],
    ]);
  });

  it('loses nothing if a turn has many identifiers', async () => {
    const { journal, record, endTurn } = rig();
    for (let i = 0; i < 400; i += 1) record(usageOf({ identifierId: `key ${i % 100}` }), String(i));
    endTurn();
    const [written] = await journal.read(0, 10);
    expect(written!.usage.reduce((sum, usage) => sum + usage.posts, 0)).toBe(400);
  });

  it('starts a new turn for usage that is recorded during a release', () => {
    const { journal, log, record, meter, endTurn } = rig();
    meter.record(usageOf(), () => record(usageOf(), 'second'));
    endTurn();
    expect(journal.appends).toBe(1);
    endTurn();
    expect(journal.appends).toBe(2);
    expect(log).toEqual(['written 1', 'written 1', 'deliver second']);
  });

  it('releases the rest of a turn if one response throws', () => {
    const { log, record, meter, endTurn } = rig();
    meter.record(usageOf(), () => {
      throw new Error('a fault');
    });
    record(usageOf(), 'b');
    expect(endTurn).toThrow('a fault');
    expect(log).toEqual(['written 1', 'deliver b']);
  });

  it('continues to serve and logs an error if the journal fails', () => {
    const { journal, log, record, meter, endTurn } = rig();
    journal.broken = true;
    record(usageOf({ posts: 5 }), 'a');
    record(usageOf({ posts: 6 }), 'b');
    endTurn();
    expect(log).toEqual(['gap full 1', 'deliver a', 'deliver b']);
    expect(meter.gaps).toEqual({ responses: 2, posts: 11 });
    journal.broken = false;
    record(usageOf(), 'c');
    endTurn();
    expect(log.slice(3)).toEqual(['written 1', 'deliver c']);
  });

  it('breaks off responses if the operator chose to refuse', () => {
    const { journal, log, record, meter, endTurn } = rig({ onJournalFailure: 'refuse' });
    journal.broken = true;
    record(usageOf(), 'a');
    endTurn();
    expect(log).toEqual(['gap full 1', 'break off a']);
    expect(meter.gaps).toEqual({ responses: 0, posts: 0 });
  });

  it('writes a gap once, with the next record that the journal accepts', async () => {
    const { journal, record, endTurn, clock } = rig();
    journal.broken = true;
    record(usageOf({ posts: 5 }), 'a');
    endTurn();
    clock.nowMs = 9_000;
    record(usageOf({ posts: 6, requests: 2 }), 'b');
    endTurn();
    // The clock has stepped back.
    clock.nowMs = 500;
    record(usageOf({ posts: 0 }), 'c');
    endTurn();
    journal.broken = false;
    record(usageOf({ posts: 7 }), 'd');
    endTurn();
    record(usageOf({ posts: 8 }), 'e');
    endTurn();
    expect(await journal.read(0, 10)).toEqual([
      {
        sequence: 1,
        usage: [usageOf({ posts: 7 })],
        gap: { fromMs: 500, toMs: 9_000, responses: 4, posts: 11 },
      },
      { sequence: 2, usage: [usageOf({ posts: 8 })] },
    ]);
  });

  it.each(['serve', 'refuse'] as const)(
    'retries until the journal works again: %s',
    async (onJournalFailure) => {
      const { journal, log, record, endTurn, aSecondLater } = rig({ onJournalFailure });
      journal.broken = true;
      record(usageOf({ posts: 5 }), 'a');
      endTurn();
      record(usageOf({ posts: 5 }), 'b');
      endTurn();
      expect([aSecondLater(), aSecondLater()]).toEqual([1, 1]);
      expect(journal.lastSequence).toBe(0);
      journal.broken = false;
      log.length = 0;
      expect([aSecondLater(), aSecondLater()]).toEqual([1, 0]);
      expect(log).toEqual(['written 0']);
      const [probe] = await journal.read(0, 10);
      expect(probe!.usage).toEqual([]);
      expect(probe!.gap?.posts).toBe(onJournalFailure === 'serve' ? 10 : undefined);
    },
  );

  it('does not retry if a response has shown that the journal works', () => {
    const { journal, record, endTurn, aSecondLater } = rig();
    journal.broken = true;
    record(usageOf(), 'a');
    endTurn();
    journal.broken = false;
    record(usageOf(), 'b');
    endTurn();
    expect(aSecondLater()).toBe(1);
    expect(journal.lastSequence).toBe(1);
  });

  it('reports a gap when it closes, and does not retry afterwards', async () => {
    const { journal, meter, record, endTurn, aSecondLater } = rig();
    meter.close();
    expect(journal.appends).toBe(0);
    journal.broken = true;
    record(usageOf({ posts: 5 }), 'a');
    endTurn();
    journal.broken = false;
    meter.close();
    aSecondLater();
    const records = await journal.read(0, 10);
    expect(records.map(({ usage, gap }) => [usage.length, gap?.posts])).toEqual([[0, 5]]);
  });
});
