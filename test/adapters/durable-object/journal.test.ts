import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Journal, JournalRecord } from '../../../src/meter/port.ts';
import { journalContract } from '../../meter/journal.contract.ts';
import { usageOf } from '../../meter/usages.ts';
import { type SyncCaller, startSyncCaller } from './sync-call.ts';
import { toWire } from './wire.ts';
import { type Objects, startObjects } from './workerd.ts';

const RETAIN_MS = 600_000;
const ROW_MS = 60_000;

let objects: Objects;
let caller: SyncCaller;
beforeAll(async () => {
  objects = await startObjects();
  caller = startSyncCaller(objects.url);
});
afterAll(async () => {
  await caller.stop();
  await objects.stop();
});

/** A journal in an object in workerd. Each call is a request. */
function remoteJournal(name: string = randomUUID(), maxBytes = 1024 ** 3) {
  const call = (method: string, ...args: readonly unknown[]) =>
    caller.call(toWire({ binding: 'STORES', name, method, args }));
  const ask = (method: string, ...args: readonly unknown[]) => call('journal', method, args);
  const id = call('open', { retainMs: RETAIN_MS, maxBytes }) as string;
  const journal: Journal = {
    id,
    get lastSequence() {
      return ask('lastSequence') as number;
    },
    get confirmed() {
      return ask('confirmed') as number;
    },
    append: (usage, gap) => ask('append', usage, ...(gap === undefined ? [] : [gap])) as number,
    read: async (after, most) => ask('read', after, most) as JournalRecord[],
    confirm: (sequence) => void ask('confirm', sequence),
    rewind: (sequence) => void ask('rewind', sequence),
    close: async () => {},
  };
  const age = () => {
    call('goAhead', RETAIN_MS + ROW_MS);
    ask('prune');
  };
  const ofStore = {
    bytes: () => call('bytes') as number,
    appendMany: (count: number) => void call('appendMany', count),
    goAhead: (ms: number) => void call('goAhead', ms),
    prune: () => ask('prune') as boolean,
  };
  return { journal, age, drop: async () => {}, name, ...ofStore };
}

journalContract('Durable Object', remoteJournal);

describe('a journal in a Durable Object', () => {
  test('returns ids, and records that are larger than a row', async () => {
    const { journal } = remoteJournal();
    const ids = Uint32Array.from({ length: 300_000 }, (_, at) => at * 14_316);
    const usage = [usageOf({ clientId: 'ä€😀'.repeat(50), ids }), usageOf({ posts: 2 })];
    journal.append(usage);
    journal.append([usageOf()], { fromMs: 1, toMs: 2, responses: 3, posts: 4 });
    const [long, short] = await journal.read(0, 10);
    expect(long!.usage).toEqual(usage);
    expect(short!.gap).toEqual({ fromMs: 1, toMs: 2, responses: 3, posts: 4 });
  });

  test('returns large records a few at a time', async () => {
    const { journal } = remoteJournal();
    const ids = Uint32Array.from({ length: 100_000 }, (_, at) => at);
    for (let at = 0; at < 12; at++) journal.append([usageOf({ ids })]);
    const first = await journal.read(0, 100);
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThan(12);
    const rest = await journal.read(first.length, 1);
    expect(rest[0]!.sequence).toBe(first.length + 1);
  });

  test('keeps its id and gives no sequence twice if the runtime is killed', async () => {
    const { journal, age, name } = remoteJournal();
    for (let at = 0; at < 5; at++) journal.append([usageOf({ posts: at })]);
    journal.confirm(5);
    age();
    expect(await journal.read(0, 10)).toEqual([]);
    await objects.crash();
    const again = remoteJournal(name).journal;
    expect(again.id).toBe(journal.id);
    expect(again.append([usageOf()])).toBe(6);
  });

  test('remembers that the ledger has lost records if the runtime is killed', async () => {
    const { journal, name } = remoteJournal();
    for (let at = 0; at < 5; at++) journal.append([usageOf({ posts: at })]);
    journal.confirm(5);
    journal.rewind(2);
    await objects.crash();
    const again = remoteJournal(name);
    again.age();
    expect((await again.journal.read(2, 10)).map(({ sequence }) => sequence)).toEqual([3, 4, 5]);
    again.journal.confirm(5);
    again.age();
    expect(await again.journal.read(0, 10)).toEqual([]);
  });

  test('evicts confirmed records if it is full, and refuses usage if there are none', async () => {
    const maxBytes = 3_000_000;
    const { journal, bytes } = remoteJournal(undefined, maxBytes);
    const ids = Uint32Array.from({ length: 10_000 }, (_, at) => at);
    const fill = () => {
      for (let at = 0; at < 200; at++) journal.append([usageOf({ ids })]);
    };
    expect(fill).toThrow(expect.objectContaining({ name: 'JournalError', code: 'journal_full' }));
    const { lastSequence } = journal;
    expect(lastSequence).toBeGreaterThan(20);
    journal.confirm(lastSequence);
    expect(journal.append([usageOf()])).toBe(lastSequence + 1);
    expect(bytes()).toBeLessThan(maxBytes + 2_000_000);
    expect((await journal.read(lastSequence, 5)).map(({ sequence }) => sequence)).toEqual([lastSequence + 1]);
  });

  test('deletes expired records in parts, and no others', async () => {
    const { journal, appendMany, goAhead, prune } = remoteJournal();
    appendMany(45_000);
    journal.confirm(45_000);
    goAhead(RETAIN_MS / 2);
    appendMany(5);
    journal.confirm(45_005);
    expect(prune()).toBe(false);
    expect((await journal.read(0, 1))[0]!.sequence).toBe(1);
    goAhead(RETAIN_MS / 2 + ROW_MS);
    expect([prune(), prune(), prune()]).toEqual([true, true, false]);
    expect((await journal.read(0, 10)).map(({ sequence }) => sequence)).toEqual(upTo(45_000, 5));
    goAhead(RETAIN_MS / 2);
    expect(prune()).toBe(false);
    expect(await journal.read(0, 10)).toEqual([]);
    expect(journal.append([usageOf()])).toBe(45_006);
  });
});

const upTo = (after: number, count: number) => Array.from({ length: count }, (_, at) => after + at + 1);
