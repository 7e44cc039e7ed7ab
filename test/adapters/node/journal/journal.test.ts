import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type FileJournal, openFileJournal } from '../../../../src/adapters/node/journal/journal.ts';
import type { FileJournalOptions } from '../../../../src/adapters/node/journal/options.ts';
import type { JournalRecord } from '../../../../src/meter/port.ts';
import type { Usage } from '../../../../src/meter/usage.ts';

const folders: string[] = [];
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postmeter-journal-'));
  folders.push(folder);
  return folder;
}

function usage(posts: number, clientId = 'client'): Usage {
  return {
    clientId,
    identifierId: 'key',
    bucketMs: 60_000,
    posts,
    requests: 1,
    refused: 0,
    bytes: 9,
    uncounted: 0,
  };
}

/** Syncs at every append, so that everything can be read at once. Confirmed records are not kept. */
function open(folder: string, more: Partial<FileJournalOptions> = {}): FileJournal {
  return openFileJournal({ folder, syncIntervalMs: 'every', retainMs: 0, ...more });
}

async function readAll(journal: FileJournal, after = 0, page = 7): Promise<JournalRecord[]> {
  const all: JournalRecord[] = [];
  for (;;) {
    const records = await journal.read(all.at(-1)?.sequence ?? after, page);
    if (records.length === 0) return all;
    all.push(...records);
  }
}

function segmentsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.journal'))
    .map((name) => join(folder, name));
}

describe('a file journal', () => {
  it('returns what was appended, before and after a restart', async () => {
    const folder = newFolder();
    const journal = open(folder);
    const written = [[usage(1), usage(2, 'ä "quoted" \n client')], [usage(3)], [usage(0)]];
    expect(written.map((one) => journal.append(one))).toEqual([1, 2, 3]);
    const expected = written.map((one, index) => ({ sequence: index + 1, usage: one }));
    expect(await readAll(journal)).toEqual(expected);
    await journal.close();

    const again = open(folder);
    expect(again.id).toBe(journal.id);
    expect(again.lastSequence).toBe(3);
    expect(await readAll(again)).toEqual(expected);
    expect(again.append([usage(4)])).toBe(4);
    expect((await readAll(again, 2)).map((record) => record.sequence)).toEqual([3, 4]);
    await again.close();
  });

  it('returns the ids of posts, and reads records that were written without ids', async () => {
    const folder = newFolder();
    // Written before records had ids; the last value of a usage is `uncounted`.
    const old = '[["client","key",60000,3,1,0,9,0]]';
    const record = Buffer.alloc(16 + old.length);
    record.writeUInt32LE(old.length, 0);
    record.writeDoubleLE(1, 8);
    record.write(old, 16);
    record.writeUInt32LE(crc32(record.subarray(8)), 4);
    writeFileSync(join(folder, '0000000000000001.journal'), record);
    writeFileSync(join(folder, 'journal.id'), '01957a6e-0000-4000-8000-0000000000aa');
    const journal = open(folder);
    const ids = Uint32Array.of(0, 1, 0xffffffff, 0x80000000, 0, 1);
    const written = [{ ...usage(3), ids }, usage(1), { ...usage(0), ids: new Uint32Array() }];
    journal.append(written);
    await journal.close();
    const again = open(folder);
    expect(await readAll(again)).toEqual([
      { sequence: 1, usage: [usage(3)] },
      { sequence: 2, usage: written },
    ]);
    await again.close();
  });

  it('keeps few records in memory if they hold many ids, and reads the others from the disk', async () => {
    const journal = open(newFolder());
    const ids = new Uint32Array(1_600_000).fill(5);
    for (let posts = 1; posts <= 6; posts++) journal.append([{ ...usage(posts), ids }]);
    const records = await readAll(journal);
    expect(records.map((record) => record.sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(records.every(({ usage: [one] }) => one!.ids!.length === ids.length)).toBe(true);
    // A record that was read back from the disk is not the array that was appended.
    expect(records.map(({ usage: [one] }) => one!.ids === ids)).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
    await journal.close();
  });

  it('knows the time of its last usage, even after a start', async () => {
    const folder = newFolder();
    const journal = open(folder, { segmentBytes: 300 });
    expect(journal.lastUsageMs()).toBe(null);
    for (let minute = 1; minute <= 9; minute++) journal.append([{ ...usage(1), bucketMs: minute * 60_000 }]);
    journal.append([]);
    expect(journal.lastUsageMs()).toBe(540_000);
    for (let empty = 0; empty < 30; empty++) journal.append([]);
    await journal.close();
    const again = open(folder, { segmentBytes: 300 });
    expect(segmentsIn(folder).length).toBeGreaterThan(2);
    expect(again.lastUsageMs()).toBe(540_000);
    await again.close();
  });

  it('gives each folder its own identity', async () => {
    const [one, two] = [open(newFolder()), open(newFolder())];
    expect(one.id).not.toBe(two.id);
    await Promise.all([one.close(), two.close()]);
  });

  it('reports only what has been synced', async () => {
    const journal = openFileJournal({ folder: newFolder(), syncIntervalMs: 20 });
    journal.append([usage(1)]);
    expect(await journal.read(0, 10)).toEqual([]);
    await expect.poll(async () => (await journal.read(0, 10)).length).toBe(1);
    await journal.close();
  });

  it('reads from its files what is no longer in memory, over many segments', async () => {
    const journal = open(newFolder(), { segmentBytes: 500, recordsInMemory: 4 });
    for (let posts = 1; posts <= 100; posts += 1) journal.append([usage(posts)]);
    const records = await readAll(journal);
    expect(records.map((record) => record.usage[0]!.posts)).toEqual(records.map((record) => record.sequence));
    expect(records).toHaveLength(100);
    expect((await readAll(journal, 50, 3))[0]!.sequence).toBe(51);
    await journal.close();
  });

  it('deletes confirmed segments whole, and remembers that over a start', async () => {
    const folder = newFolder();
    const journal = open(folder, { segmentBytes: 500 });
    for (let posts = 1; posts <= 100; posts += 1) journal.append([usage(posts)]);
    const before = segmentsIn(folder).length;
    const bytes = journal.bytes;
    journal.confirm(60);
    expect(segmentsIn(folder).length).toBeLessThan(before);
    expect(journal.bytes).toBeLessThan(bytes);
    expect((await readAll(journal, 60)).map((record) => record.sequence)[0]).toBe(61);
    journal.confirm(100);
    expect(segmentsIn(folder)).toHaveLength(1);
    await journal.close();
    const again = open(folder);
    expect(again.lastSequence).toBe(100);
    expect(await readAll(again, 100)).toEqual([]);
    await again.close();
  });

  it('continues after a sequence that only the ledger has', async () => {
    const folder = newFolder();
    const journal = open(folder);
    journal.append([usage(1)]);
    journal.confirm(40);
    expect(journal.append([usage(2)])).toBe(41);
    expect((await readAll(journal, 40)).map((record) => record.sequence)).toEqual([41]);
    await journal.close();
    const again = open(folder);
    expect(again.lastSequence).toBe(41);
    await again.close();
  });

  it('refuses records over its limit, keeps what it has, and continues when there is room', async () => {
    const folder = newFolder();
    const journal = open(folder, { maxBytes: 2_000, segmentBytes: 500 });
    let appended = 0;
    expect(() => {
      for (;;) appended = journal.append([usage(1)]);
    }).toThrow(expect.objectContaining({ name: 'JournalError', code: 'journal_full' }));
    expect(journal.lastSequence).toBe(appended);
    expect(await readAll(journal)).toHaveLength(appended);
    journal.confirm(appended);
    expect(journal.append([usage(1)])).toBe(appended + 1);
    await journal.close();
  });

  it('names a folder that cannot be used', () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    expect(() => open(file)).toThrow(expect.objectContaining({ code: 'journal_write_failed' }));
  });
});

describe('a torn tail', () => {
  it('is cut at the end of the last complete record, and reported', async () => {
    const folder = newFolder();
    const journal = open(folder);
    journal.append([usage(1)]);
    const wholeBytes = journal.bytes;
    journal.append([usage(2)]);
    const bytes = journal.bytes;
    await journal.close();
    const [segment] = segmentsIn(folder);
    const content = readFileSync(segment!);
    for (let length = wholeBytes + 1; length < bytes; length += 1) {
      writeFileSync(segment!, content);
      truncateSync(segment!, length);
      const tails: number[] = [];
      const again = open(folder, { onTornTail: (tail) => tails.push(tail.bytes) });
      expect(tails).toEqual([length - wholeBytes]);
      expect(again.lastSequence).toBe(1);
      expect(again.append([usage(3)])).toBe(2);
      expect((await readAll(again)).map((record) => record.usage[0]!.posts)).toEqual([1, 3]);
      await again.close();
    }
  });

  it.each([
    ['a flipped bit', (content: Buffer) => content.writeUInt8(content.at(-2)! ^ 1, content.length - 2)],
    ['zeros', (content: Buffer) => content.fill(0, content.length - 40)],
  ])('of %s is not a record', async (_name, spoil) => {
    const folder = newFolder();
    const journal = open(folder);
    journal.append([usage(1)]);
    journal.append([usage(2)]);
    await journal.close();
    const [segment] = segmentsIn(folder);
    const content = readFileSync(segment!);
    spoil(content);
    writeFileSync(segment!, content);
    const again = open(folder);
    expect(again.lastSequence).toBe(1);
    await again.close();
  });
});

describe('another process', () => {
  it('finds everything that was reported as appended after SIGKILL, in every round', async () => {
    const folder = newFolder();
    for (let round = 0; round < 4; round += 1) {
      const writer = startWriter(folder);
      await writer.said(40 + round * 35);
      writer.child.kill('SIGKILL');
      await once(writer.child, 'close');
      const last = writer.last();
      const journal = open(folder);
      expect(journal.lastSequence).toBeGreaterThanOrEqual(last);
      expect(journal.lastSequence).toBeLessThanOrEqual(last + 1);
      const records = await readAll(journal, 0, 500);
      expect(records.map((record) => record.usage[0]!.bytes)).toEqual(
        records.map((record) => record.sequence),
      );
      expect(records).toHaveLength(journal.lastSequence);
      await journal.close();
    }
  });

  it('is refused while the first one runs, with a hint, and admitted after its SIGKILL', async () => {
    const folder = newFolder();
    const writer = startWriter(folder);
    await writer.said(1);
    expect(() => open(folder)).toThrow(
      expect.objectContaining({ code: 'journal_locked', message: expect.stringContaining(folder) }),
    );
    writer.child.kill('SIGKILL');
    await once(writer.child, 'close');
    await open(folder).close();
  });

  it('is also refused within one process', async () => {
    const folder = newFolder();
    const journal = open(folder);
    expect(() => open(folder)).toThrow(expect.objectContaining({ code: 'journal_locked' }));
    await journal.close();
    await open(folder).close();
  });
});

function startWriter(folder: string) {
  const script = new URL('./writer.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const lines = () => text.split('\n').slice(0, -1);
  return {
    child,
    /** Resolves after more than `count` appends have been reported. */
    said: (count: number) => expect.poll(() => lines().length, { timeout: 20_000 }).toBeGreaterThan(count),
    /** The last sequence that was reported in full. */
    last: () => Number(lines().at(-1)),
  };
}
