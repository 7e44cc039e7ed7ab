/** The journal on full, read-only, failing and lying disks. Real disks are used if this machine allows mounts. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type FileJournal, openFileJournal } from '../../../../src/adapters/node/journal/journal.ts';
import type { FileJournalOptions } from '../../../../src/adapters/node/journal/options.ts';
import type { JournalRecord } from '../../../../src/meter/port.ts';
import { usageOf } from '../../../meter/usages.ts';
import { MemoryDisk } from './memory-disk.ts';

const folder = '/journal';
const writeFailed = expect.objectContaining({ name: 'JournalError', code: 'journal_write_failed' });

function open(disk: MemoryDisk, more: Partial<FileJournalOptions> = {}): FileJournal {
  return openFileJournal({
    folder,
    syncIntervalMs: 'every',
    segmentBytes: 500,
    disk,
    lock: () => () => {},
    nowMs: () => disk.nowMs,
    ...more,
  });
}

/** Opens a journal that syncs in the background when the test requests it. */
function openTicking(disk: MemoryDisk, more: Partial<FileJournalOptions> = {}) {
  let tick: () => void = () => {};
  const journal = open(disk, {
    syncIntervalMs: 50,
    everyMs: (_ms, run) => {
      tick = run;
      return () => {};
    },
    ...more,
  });
  const sync = async () => {
    tick();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { journal, sync };
}

function appendMany(journal: FileJournal, count: number): void {
  for (let at = 0; at < count; at++) journal.append([usageOf({ posts: journal.lastSequence + 1 })]);
}

async function readAll(journal: FileJournal, after = 0): Promise<JournalRecord[]> {
  const all: JournalRecord[] = [];
  for (;;) {
    const records = await journal.read(all.at(-1)?.sequence ?? after, 7);
    if (records.length === 0) return all;
    all.push(...records);
  }
}

const postsOf = (records: readonly JournalRecord[]) => records.map(({ usage }) => usage[0]?.posts ?? null);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('the confirmed part of the journal', () => {
  it('is kept for its retention time, even over a start, and can be read again', async () => {
    const disk = new MemoryDisk();
    const journal = open(disk, { retainMs: 60_000 });
    appendMany(journal, 50);
    disk.nowMs = 50_000;
    journal.confirm(50);
    // Its age counts from the confirmation, not from the write.
    disk.nowMs = 100_000;
    journal.confirm(50);
    expect(postsOf(await readAll(journal))).toEqual(upTo(50));
    await journal.close();
    const again = open(disk, { retainMs: 60_000 });
    again.confirm(50);
    expect([again.oldestSequence, (await readAll(again, 20))[0]!.sequence]).toEqual([1, 21]);
    disk.nowMs = 110_000;
    again.confirm(50);
    expect(again.oldestSequence).toBeGreaterThan(40);
    expect(again.retainedSinceMs).toBe(50_000);
    await again.close();
  });

  it('is evicted before new records, and only unconfirmed ones fill the journal', async () => {
    const disk = new MemoryDisk();
    const journal = open(disk, { maxBytes: 2_000 });
    appendMany(journal, 10);
    journal.confirm(10);
    expect(() => appendMany(journal, 100)).toThrow(expect.objectContaining({ code: 'journal_full' }));
    expect(journal.oldestSequence).toBeGreaterThan(1);
    expect(journal.oldestSequence).toBeLessThanOrEqual(11);
    expect(journal.bytes).toBeLessThanOrEqual(2_000);
    expect(journal.unconfirmedBytes).toBeGreaterThan(1_000);
    await journal.close();
  });

  it('is not evicted after the ledger was restored to an older state', async () => {
    const disk = new MemoryDisk();
    const journal = open(disk, { maxBytes: 2_000, retainMs: 0 });
    appendMany(journal, 4);
    journal.confirm(4);
    journal.rewind(1);
    expect(() => appendMany(journal, 100)).toThrow(expect.objectContaining({ code: 'journal_full' }));
    expect((await readAll(journal, 1))[0]!.sequence).toBe(2);
    await journal.close();
  });

  it('is not read at a start', async () => {
    const disk = new MemoryDisk();
    const journal = open(disk, { retainMs: 1_000_000 });
    appendMany(journal, 200);
    journal.confirm(190);
    // The process does not stop cleanly.
    disk.kill();
    disk.reads.length = 0;
    const again = open(disk, { retainMs: 1_000_000 });
    expect(again.lastSequence).toBe(200);
    const segments = disk.list(folder).filter((name) => name.endsWith('.journal')).length;
    expect(segments).toBeGreaterThan(15);
    expect(disk.reads.filter((path) => path.endsWith('.journal')).length).toBeLessThan(6);
    await again.close();
  });
});

describe('damage', () => {
  it('reports damage in the middle, reads it as empty with a gap, and loses nothing after it', async () => {
    const disk = new MemoryDisk();
    const journal = open(disk, { segmentBytes: 1_000_000 });
    appendMany(journal, 9);
    await journal.close();
    const path = `${folder}/0000000000000001.journal`;
    const recordBytes = disk.content(path).length / 9;
    for (let at = 3 * recordBytes; at < 4 * recordBytes; at++) {
      const whole = disk.content(path);
      disk.spoil(path, (content) => {
        content[at]! ^= 0x10;
        return content;
      });
      const damages: unknown[] = [];
      const again = open(disk, { onDamage: (damage) => damages.push(damage), segmentBytes: 1_000_000 });
      const records = await readAll(again);
      expect(postsOf(records)).toEqual([1, 2, 3, null, 5, 6, 7, 8, 9]);
      expect(records[3]!.gap).toMatchObject({ responses: 1, posts: 0 });
      expect(damages).toEqual([expect.objectContaining({ path, firstSequence: 4, lastSequence: 4 })]);
      expect(again.damagedRecords).toBe(1);
      await again.close();
      disk.spoil(path, () => whole);
    }
  });

  it('reports the damage of a whole segment, and the next segments are read', async () => {
    const disk = new MemoryDisk();
    const journal = open(disk);
    appendMany(journal, 30);
    await journal.close();
    const names = disk
      .list(folder)
      .filter((name) => name.endsWith('.journal'))
      .sort();
    const [first, last] = [names[1]!, names[2]!].map((name) => Number.parseInt(name, 10));
    disk.spoil(`${folder}/${names[1]}`, (content) => content.fill(0));
    const lost: number[] = [];
    const again = open(disk, { onDamage: (damage) => lost.push(damage.firstSequence, damage.lastSequence) });
    const posts = postsOf(await readAll(again));
    expect(lost).toEqual([first, last! - 1]);
    expect(posts).toEqual(upTo(30).map((one) => (one >= first! && one < last! ? null : one)));
    await again.close();
  });

  describe.each([
    ['the end of a segment', (content: Buffer) => content.subarray(0, content.length / 2)],
    ['a whole segment', () => Buffer.alloc(0)],
    ['the beginning of a segment', (content: Buffer) => content.fill(0, 0, 20)],
  ])('of %s', (_where, spoil) => {
    it('returns it as empty while its neighbours are kept, whatever the ledger confirms and loses', async () => {
      const disk = new MemoryDisk();
      const journal = open(disk, { retainMs: 60_000 });
      appendMany(journal, 60);
      journal.confirm(5);
      await journal.close();
      const names = disk.list(folder).filter((name) => name.endsWith('.journal'));
      disk.spoil(`${folder}/${names.sort()[3]}`, spoil);
      for (let start = 0; start < 3; start++) {
        const again = open(disk, { retainMs: 60_000 });
        const records = await readAll(again);
        expect(records.map(({ sequence }) => sequence)).toEqual(upTo(60));
        const damaged = records.filter(({ isDamaged }) => isDamaged);
        expect(damaged.length).toBeGreaterThan(0);
        expect(damaged.flatMap(({ usage }) => usage)).toEqual([]);
        expect(damaged[0]!.gap).toMatchObject({ responses: damaged.length, posts: 0 });
        expect(again.damagedRecords).toBe(damaged.length);
        again.confirm(60);
        again.rewind(5);
        expect(await readAll(again)).toEqual(records);
        again.confirm(60);
        if (start === 1) disk.kill();
        else await again.close();
      }
    });
  });

  it('forgets damage with the records that exceed the retention time', async () => {
    const disk = new MemoryDisk();
    const journal = open(disk, { retainMs: 60_000 });
    appendMany(journal, 60);
    await journal.close();
    const names = disk.list(folder).filter((name) => name.endsWith('.journal'));
    disk.spoil(`${folder}/${names.sort()[3]}`, () => Buffer.alloc(0));
    const again = open(disk, { retainMs: 60_000 });
    expect(again.damagedRecords).toBeGreaterThan(0);
    again.confirm(60);
    disk.nowMs += 60_000;
    again.confirm(60);
    expect(again.damagedRecords).toBe(0);
    expect(disk.content(`${folder}/damaged`).toString()).toBe('[]');
    await again.close();
  });

  it('distinguishes damage from sequences that this journal never gave', async () => {
    const disk = new MemoryDisk();
    const journal = open(disk);
    appendMany(journal, 3);
    journal.confirm(40);
    appendMany(journal, 2);
    journal.rewind(0);
    expect((await readAll(journal)).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 41, 42]);
    expect(journal.damagedRecords).toBe(0);
    await journal.close();
    const again = open(disk);
    expect((await readAll(again)).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 41, 42]);
    await again.close();
  });

  it('retries an error that occurs only while reading, and skips damage', async () => {
    const disk = new MemoryDisk();
    const journal = open(disk, { recordsInMemory: 2 });
    appendMany(journal, 30);
    disk.fails = (operation) => (operation === 'read' ? 'EIO' : null);
    await expect(journal.read(0, 10)).rejects.toThrow('EIO');
    disk.fails = () => null;
    expect(postsOf(await readAll(journal))).toEqual(upTo(30));
    await journal.close();
  });
});

describe('a failing disk', () => {
  it.each([
    ['write', 'EIO'],
    ['write', 'EROFS'],
    ['sync', 'EIO'],
    ['openToAppend', 'ENOSPC'],
  ] as const)(
    'at %s with %s loses nothing that was taken, and is used again after it recovers',
    async (operation, code) => {
      const disk = new MemoryDisk();
      const journal = open(disk);
      appendMany(journal, 6);
      disk.fails = (one) => (one === operation ? code : null);
      let taken = 6;
      expect(() => {
        for (; taken < 50; taken = journal.lastSequence) appendMany(journal, 1);
      }).toThrow(writeFailed);
      disk.nowMs += 1_000;
      disk.fails = () => null;
      appendMany(journal, 20);
      expect(postsOf(await readAll(journal))).toEqual(upTo(journal.lastSequence));
      disk.losePower(() => 0);
      const again = open(disk);
      expect(postsOf(await readAll(again))).toEqual(upTo(again.lastSequence));
      expect(again.lastSequence).toBe(journal.lastSequence);
      await again.close();
    },
  );

  it('takes records in pieces', async () => {
    const disk = new MemoryDisk();
    disk.maxWrite = 5;
    const journal = open(disk);
    appendMany(journal, 20);
    expect(postsOf(await readAll(journal))).toEqual(upTo(20));
    await journal.close();
  });

  it('receives again what it could not sync, before that is reported', async () => {
    const disk = new MemoryDisk();
    const errors: string[] = [];
    const { journal, sync } = openTicking(disk, { onError: (error) => errors.push(error.message) });
    appendMany(journal, 20);
    await sync();
    appendMany(journal, 20);
    let left = 1;
    disk.fails = (operation) => (operation === 'sync' && left-- > 0 ? 'EIO' : null);
    await sync();
    expect(errors).toHaveLength(1);
    expect(postsOf(await readAll(journal))).toEqual(upTo(40));
    disk.losePower(() => 0);
    const again = open(disk);
    expect(postsOf(await readAll(again))).toEqual(upTo(40));
    await again.close();
  });

  it('is not trusted by the next process either', async () => {
    const disk = new MemoryDisk();
    const { journal, sync } = openTicking(disk);
    appendMany(journal, 20);
    disk.fails = (operation) => (operation === 'sync' ? 'EIO' : null);
    await sync();
    expect(await journal.read(0, 10)).toEqual([]);
    expect(() => appendMany(journal, 1)).toThrow(writeFailed);
    disk.kill();
    disk.fails = () => null;
    await readAll(open(disk));
    disk.losePower(() => 0);
    const again = open(disk);
    expect(postsOf(await readAll(again))).toEqual(upTo(20));
    await again.close();
  });

  it('receives no more than the memory limit if it never answers', async () => {
    const disk = new MemoryDisk();
    const { journal, sync } = openTicking(disk, { segmentBytes: 20_000, recordsInMemory: 10 });
    disk.held = new Promise(() => {});
    await sync();
    expect(() => {
      for (;;) journal.append([]);
    }).toThrow(writeFailed);
    expect(journal.lastSequence).toBe(65_536);
  });
});

const mounts: string[] = [];
afterEach(() => {
  for (const mount of mounts.splice(0)) {
    spawnSync('umount', [mount]);
    rmSync(mount, { recursive: true });
  }
});

/** Mounts a small disk. Returns null if this user may not mount one. */
function mountSmallDisk(): string | null {
  const mount = mkdtempSync(join(tmpdir(), 'postmeter-small-disk-'));
  mounts.push(mount);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', mount]);
  if (mounted.status === 0) return mount;
  process.stderr.write(
    'NO REAL FULL OR READ-ONLY DISK: this user may not mount a tmpfs; the one in memory is tested\n',
  );
  return null;
}

describe('a real disk', () => {
  it('regains the room of confirmed records after it was full, and takes records again', async (context) => {
    const mount = mountSmallDisk();
    if (mount === null) return context.skip('this user may not mount a tmpfs');
    const journal = openFileJournal({
      folder: join(mount, 'journal'),
      syncIntervalMs: 'every',
      segmentBytes: 30_000,
    });
    expect(() => appendMany(journal, 100_000)).toThrow(writeFailed);
    const full = journal.lastSequence;
    expect(full).toBeGreaterThan(1_000);
    expect(postsOf(await readAll(journal))).toEqual(upTo(full));
    journal.confirm(full);
    appendMany(journal, 200);
    expect(journal.oldestSequence).toBeGreaterThan(1);
    expect(postsOf(await readAll(journal, full))).toEqual(upTo(full + 200).slice(full));
    // Another program takes the remaining room.
    expect(() => writeFileSync(join(mount, 'other'), Buffer.alloc(300_000))).toThrow('ENOSPC');
    appendMany(journal, 1_000);
    await journal.close().catch(() => {});
  });

  it('refuses records while it is read-only, and is used again afterwards', async (context) => {
    const mount = mountSmallDisk();
    if (mount === null) return context.skip('this user may not mount a tmpfs');
    const opened = { folder: join(mount, 'journal'), syncIntervalMs: 'every' as const };
    const journal = openFileJournal(opened);
    appendMany(journal, 3);
    await journal.close();
    spawnSync('mount', ['-o', 'remount,ro', mount]);
    expect(() => openFileJournal(opened)).toThrow(writeFailed);
    spawnSync('mount', ['-o', 'remount,rw', mount]);
    const again = openFileJournal(opened);
    expect(postsOf(await readAll(again))).toEqual([1, 2, 3]);
    await again.close();
  });
});
