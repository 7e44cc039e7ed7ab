/**
 * Compares a journal with a list over any sequence of operations and machine faults. What was read never reads
 * differently, only a loss of power loses appended records, and a failing disk is reported.
 */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type FileJournal, openFileJournal } from '../../../../src/adapters/node/journal/journal.ts';
import type { JournalGap } from '../../../../src/meter/gaps.ts';
import { JournalError, type JournalRecord } from '../../../../src/meter/port.ts';
import { usageOf } from '../../../meter/usages.ts';
import { MemoryDisk } from './memory-disk.ts';

const RETAIN_MS = 10_000;
const folder = '/journal';

type Step =
  | { readonly kind: 'append'; readonly identifier: number; readonly hasGap: boolean }
  | { readonly kind: 'confirm'; readonly part: number }
  | { readonly kind: 'rewind'; readonly part: number }
  | { readonly kind: 'read'; readonly part: number; readonly maxRecords: number }
  | { readonly kind: 'tick' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'kill' | 'close' }
  | { readonly kind: 'losePower'; readonly chances: readonly number[] }
  | { readonly kind: 'fail'; readonly operation: 'sync' | 'write' | 'truncate' | 'openToAppend' | 'none' }
  | { readonly kind: 'space'; readonly bytes: number | null; readonly maxWrite: number };

const part = fc.double({ min: 0, max: 1, noNaN: true });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      identifier: fc.nat(40),
      hasGap: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('confirm' as const), part }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rewind' as const), part }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      part,
      maxRecords: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ kind: 'tick' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(6_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('kill' as const, 'close' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('losePower' as const),
      chances: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 12 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      operation: fc.constantFrom('sync', 'write', 'truncate', 'openToAppend', 'none', 'none', 'none'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('space' as const),
      bytes: fc.option(fc.nat(3_000)),
      maxWrite: fc.constantFrom(7, 1_000_000),
    }),
  },
);

class World {
  readonly disk = new MemoryDisk();
  /** What was appended, by sequence. After a loss of power only what was read must remain. */
  readonly appended = new Map<number, JournalRecord>();
  readUpTo = 0;
  confirmed = 0;
  mostConfirmed = 0;
  journal!: FileJournal;
  #tick: () => void = () => {};
  #oldest = 1;
  readonly #options: { syncIntervalMs: 50 | 'every'; recordsInMemory: number; maxBytes: number };

  constructor(options: { syncIntervalMs: 50 | 'every'; recordsInMemory: number; maxBytes: number }) {
    this.#options = options;
    this.open();
  }

  open(): void {
    this.disk.fails = () => null;
    this.disk.maxBytes = Number.POSITIVE_INFINITY;
    this.#tick = () => {};
    this.journal = openFileJournal({
      ...this.#options,
      folder,
      segmentBytes: 300,
      retainMs: RETAIN_MS,
      disk: this.disk,
      lock: () => () => {},
      everyMs: (_ms, run) => {
        this.#tick = run;
        return () => {};
      },
      nowMs: () => this.disk.nowMs,
      newId: () => '01957a6e-0000-4000-8000-0000000000aa',
    });
    // Shipping first asks the ledger for its last sequence.
    this.journal.rewind(this.confirmed);
    this.#oldest = this.journal.oldestSequence;
  }

  async run(one: Step): Promise<void> {
    switch (one.kind) {
      case 'append':
        return this.#append(one.identifier, one.hasGap);
      case 'confirm':
        this.confirmed = Math.max(this.confirmed, Math.floor(one.part * this.readUpTo));
        this.mostConfirmed = Math.max(this.mostConfirmed, this.confirmed);
        this.journal.confirm(this.confirmed);
        return;
      case 'rewind':
        this.confirmed = Math.floor(one.part * this.confirmed);
        this.journal.rewind(this.confirmed);
        return;
      case 'read':
        await this.check(Math.floor(one.part * (this.journal.lastSequence + 1)), one.maxRecords);
        return;
      case 'tick':
        this.#tick();
        return settled();
      case 'wait':
        this.disk.nowMs += one.ms;
        return;
      case 'fail':
        this.disk.fails = (operation) => (operation === one.operation ? 'EIO' : null);
        return;
      case 'space':
        this.disk.maxBytes = one.bytes === null ? Number.POSITIVE_INFINITY : one.bytes;
        this.disk.maxWrite = one.maxWrite;
        return;
      default:
        return this.#end(one);
    }
  }

  #append(identifier: number, hasGap: boolean): void {
    const usage = [usageOf({ identifierId: 'x'.repeat(identifier), posts: this.appended.size + 1 })];
    const gap: JournalGap = { fromMs: 5, toMs: this.disk.nowMs, responses: 3, posts: identifier };
    const before = this.journal.lastSequence;
    try {
      const sequence = hasGap ? this.journal.append(usage, gap) : this.journal.append(usage);
      expect(sequence).toBe(before + 1);
      this.appended.set(sequence, hasGap ? { sequence, usage, gap } : { sequence, usage });
    } catch (error) {
      expect(error).toBeInstanceOf(JournalError);
      expect(this.journal.lastSequence).toBe(before);
    }
  }

  async #end(one: Extract<Step, { kind: 'kill' | 'close' | 'losePower' }>): Promise<void> {
    const before = this.journal.lastSequence;
    if (one.kind === 'losePower') {
      let at = 0;
      this.disk.losePower(() => one.chances[at++ % one.chances.length]!);
    } else {
      if (one.kind === 'close') await this.journal.close().catch(() => {});
      this.disk.kill();
    }
    await settled();
    this.open();
    const last = this.journal.lastSequence;
    expect(last).toBeLessThanOrEqual(before + 1);
    expect(last).toBeGreaterThanOrEqual(one.kind === 'losePower' ? this.readUpTo : before);
    // A refused record may exist after a crash: it was written and could not be removed.
    for (let sequence = last + 1; sequence <= before; sequence++) this.appended.delete(sequence);
    for (let after = this.readUpTo; after < last; after = this.readUpTo) {
      this.#adopt(await this.journal.read(after, 1_000_000), one.kind === 'losePower');
      expect(this.readUpTo).toBeGreaterThan(after);
    }
  }

  /** Takes over what a loss of power left of records that were never read. */
  #adopt(records: readonly JournalRecord[], powerWasLost: boolean): void {
    for (const record of records) {
      const known = this.appended.get(record.sequence);
      const isHole = record.usage.length === 0;
      if (known === undefined || (powerWasLost && isHole)) this.appended.set(record.sequence, record);
      else expectSame(record, known);
    }
    this.readUpTo = Math.max(this.readUpTo, records.at(-1)?.sequence ?? 0);
  }

  /** Checks that the ledger has everything that was removed. */
  checkWhatWent(): void {
    const { oldestSequence } = this.journal;
    if (oldestSequence > this.#oldest) expect(oldestSequence).toBeLessThanOrEqual(this.confirmed + 1);
    this.#oldest = oldestSequence;
  }

  /** Returns the last sequence that was read. */
  async check(after: number, maxRecords: number): Promise<number> {
    const records = await this.journal.read(after, maxRecords);
    expect(records.length).toBeLessThanOrEqual(maxRecords);
    if (records.length === 0) return after;
    const first = records[0]!.sequence;
    // Only confirmed records may be missing, and only at the beginning of the journal.
    expect(first).toBe(Math.max(after + 1, this.journal.oldestSequence));
    expect(first - 1 === after || first - 1 <= this.mostConfirmed).toBe(true);
    for (const [index, record] of records.entries()) {
      expect(record.sequence).toBe(first + index);
      expectSame(record, this.appended.get(record.sequence));
    }
    this.readUpTo = Math.max(this.readUpTo, records.at(-1)!.sequence);
    return records.at(-1)!.sequence;
  }
}

/** Reading more neighbours narrows the time in which records were lost. */
function expectSame(record: JournalRecord, known: JournalRecord | undefined): void {
  if (known === undefined || known.usage.length > 0) expect(record).toEqual(known);
  else expect([record.usage, record.gap?.responses]).toEqual([[], known.gap?.responses]);
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

it('behaves like a list, whatever happens to it', async () => {
  const options = fc.record({
    syncIntervalMs: fc.constantFrom(50 as const, 'every' as const),
    recordsInMemory: fc.constantFrom(3, 1_000),
    maxBytes: fc.constantFrom(1_500, 1_000_000),
  });
  await fc.assert(
    fc.asyncProperty(options, fc.array(step, { maxLength: 90, size: 'max' }), async (chosen, steps) => {
      const world = new World(chosen);
      for (const one of steps) {
        await world.run(one);
        expect(world.journal.bytes).toBeLessThanOrEqual(chosen.maxBytes);
        world.checkWhatWent();
      }
      // The disk works again, so everything can be read.
      world.disk.fails = () => null;
      world.disk.maxBytes = Number.POSITIVE_INFINITY;
      world.disk.nowMs += 2_000;
      await world.run({ kind: 'close' });
      let at = 0;
      for (let next = await world.check(0, 4); next > at; next = await world.check(at, 4)) at = next;
      expect(at).toBe(world.journal.lastSequence);
      await world.journal.close();
      expect(world.disk.openFiles).toBe(0);
    }),
    { numRuns: 500 },
  );
}, 180_000);
