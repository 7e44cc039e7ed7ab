import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../src/meter/batch.ts';
import { LedgerComparisons } from '../../src/meter/ledger-comparison.ts';
import { type LedgerRewind, LedgerShipment } from '../../src/meter/ledger-shipment.ts';
import type { MemoryLedger } from '../support/memory-ledger/ledger.ts';
import type { ChainedBatch } from '../support/memory-ledger/state.ts';
import { lastSequenceOf } from '../support/memory-ledger/take.ts';
import { MemoryJournal } from './memory-journal.ts';
import { meteringLedger, usageIn } from './metering-ledger.ts';
import { usageOf } from './usages.ts';

const JOURNAL = 'journal-1';

/** A journal of `records` records, one client each. The ledger took them in batches of three. */
async function taken(records: number) {
  const journal = new MemoryJournal(JOURNAL);
  journal.retains = true;
  for (let n = 1; n <= records; n++) journal.append([usageOf({ clientId: `client-${n}`, posts: n })]);
  const ledger = meteringLedger();
  const states = [ledger.state];
  for (let at = 0; at < records; ) {
    const next = await journal.read(at, 3);
    at = await ledger.take(batchOf(JOURNAL, next));
    states.push(ledger.state);
  }
  /** Replaces the ledger by a copy without the batches that end after this record. */
  const loseAfter = (sequence: number) =>
    ledger.restore(states.findLast((state) => lastSequenceOf(state, JOURNAL) <= sequence)!);
  const comparisons = new LedgerComparisons(journal, ledger);
  /** Confirms all records, even if the ledger has lost some. */
  const compareAll = async () => {
    for (let step = 0; step < 100; step++) await comparisons.step(records);
  };
  return { journal, ledger, comparisons, compareAll, loseAfter };
}

const holdsIn = (ledger: MemoryLedger) =>
  ledger.state.holds.map(({ clientId, code }) => [clientId, code]).sort((a, b) => (a[0]! < b[0]! ? -1 : 1));

/** Changes one batch. The ledger still counts all its records as taken. */
const change = (ledger: MemoryLedger, index: number, edit: (batch: ChainedBatch) => ChainedBatch[]) => {
  const before = ledger.state.batches.get(JOURNAL)!;
  const batches = new Map([[JOURNAL, before.toSpliced(index, 1, ...edit(before[index]!))]]);
  const counted = lastSequenceOf(ledger.state, JOURNAL);
  ledger.restore({ ...ledger.state, batches });
  ledger.lastSequence = async () => counted;
};

describe('a ledger that is compared with the journal', () => {
  test('and equals the journal puts no client on hold', async () => {
    const { ledger, compareAll } = await taken(200);
    await compareAll();
    expect(ledger.state.holds).toEqual([]);
  });

  test('and has other usage puts only the affected clients on hold', async () => {
    const { ledger, compareAll } = await taken(200);
    change(ledger, 30, (batch) => [
      {
        ...batch,
        leaves: batch.leaves.map((leaf, at) => (at === 1 ? [leaf[0], leaf[1], [[0, 7, 1, 0, 10, 0]]] : leaf)),
      },
    ]);
    await compareAll();
    expect(holdsIn(ledger)).toEqual([['client-92', 'batches_differ']]);
  });

  test.each([
    ['the first', 0, [1, 2, 3]],
    ['a middle', 20, [61, 62, 63]],
    ['the last', 66, [199, 200]],
  ])('and lacks %s batch puts the clients in it on hold', async (_which, index, clients) => {
    const { ledger, compareAll } = await taken(200);
    change(ledger, index, () => []);
    await compareAll();
    expect(holdsIn(ledger)).toEqual(clients.map((n) => [`client-${n}`, 'batches_missing']).sort());
  });

  test('and still has records that are damaged in the journal puts no client on hold', async () => {
    const { journal, ledger, compareAll } = await taken(200);
    journal.damage(5, 100, 101, 102, 199);
    await compareAll();
    expect(ledger.state.holds).toEqual([]);
  });

  test.each([
    ['lacks usage next to damaged records', () => [], 'client-92'],
    ['has less of the usage', () => [[0, 91, 1, 0, 10, 0]] as const, 'client-92'],
    ['has the usage in another bucket', () => [[60_000, 92, 1, 0, 10, 0]] as const, 'client-92'],
  ])('and %s puts the client on hold', async (_what, rows, client) => {
    const { journal, ledger, compareAll } = await taken(200);
    journal.damage(91);
    change(ledger, 30, (batch) => [
      {
        ...batch,
        leaves: batch.leaves.map((leaf) => (leaf[0] === client ? [leaf[0], leaf[1], rows()] : leaf)),
      },
    ]);
    await compareAll();
    expect(holdsIn(ledger)).toEqual([[client, 'batches_differ']]);
  });

  test('is compared as far back as the journal keeps taken records, and skips partly kept batches', async () => {
    const { journal, ledger, compareAll } = await taken(200);
    change(ledger, 3, () => []);
    change(ledger, 40, () => []);
    journal.forget(14);
    await compareAll();
    expect(holdsIn(ledger).length).toBe(3);
  });

  test('is compared again after it was unreachable', async () => {
    const { ledger, comparisons, compareAll } = await taken(60);
    await compareAll();
    change(ledger, 5, () => []);
    await compareAll();
    expect(ledger.state.holds).toEqual([]);
    comparisons.wasAway();
    await compareAll();
    expect(ledger.state.holds.length).toBe(3);
  });
});

describe('a ledger that lost its last batches', () => {
  async function shipAll(shipment: LedgerShipment): Promise<void> {
    while (await shipment.step());
  }
  /** Even without new records the ledger is queried now and then. */
  async function shipAllWithQuestion(shipment: LedgerShipment): Promise<void> {
    for (let step = 0; step < 20; step++) await shipment.step();
  }
  const sums = (ledger: MemoryLedger) =>
    Object.fromEntries(usageIn(ledger).map(({ clientId, posts }) => [clientId, posts]));

  const holds = (ledger: MemoryLedger) => ledger.state.holds.map(({ code }) => code);

  test('receives them again, in any number, and issuing is on hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.nat(40), async (records, lostAfter) => {
        const { journal, ledger, loseAfter } = await taken(records);
        const before = sums(ledger);
        const rewinds: LedgerRewind[] = [];
        const shipment = new LedgerShipment(journal, ledger, (rewind) => rewinds.push(rewind));
        await shipAll(shipment);
        loseAfter(lostAfter);
        const has = await ledger.lastSequence(JOURNAL);
        journal.append([usageOf({ clientId: 'next', posts: 5 })]);
        await shipAll(shipment);
        expect(sums(ledger)).toEqual({ ...before, next: 5 });
        expect(rewinds).toEqual(has < records ? [{ journalId: JOURNAL, had: records, has }] : []);
        expect(holds(ledger)).toEqual(has < records ? ['ledger_set_back'] : []);
      }),
    );
  });

  test.each([
    ['at startup', 0],
    ['during shipping', 20],
  ])('%s receives them again regardless of their age', async (_when, stepsBefore) => {
    const { journal, ledger, loseAfter } = await taken(60);
    const before = sums(ledger);
    const shipment = new LedgerShipment(journal, ledger);
    for (let step = 0; step < stepsBefore; step++) await shipment.step();
    journal.confirm(60);
    loseAfter(9);
    const take = ledger.take.bind(ledger);
    ledger.take = async () => {
      throw new Error('away');
    };
    await expect(shipAllWithQuestion(shipment)).rejects.toThrow('away');
    journal.age();
    ledger.take = take;
    await shipAll(shipment);
    expect(sums(ledger)).toEqual(before);
    expect(holds(ledger)).toEqual(['ledger_set_back']);
  });

  test('receives them again even if there are no new records', async () => {
    const { journal, ledger, loseAfter } = await taken(9);
    const before = sums(ledger);
    const shipment = new LedgerShipment(journal, ledger);
    await shipAll(shipment);
    loseAfter(3);
    await shipAllWithQuestion(shipment);
    expect(sums(ledger)).toEqual(before);
  });

  test('and is older than the journal continues after the lost part, with all clients on hold', async () => {
    const { journal, ledger, loseAfter } = await taken(60);
    const shipment = new LedgerShipment(journal, ledger);
    await shipAll(shipment);
    loseAfter(9);
    journal.forget(30);
    journal.append([usageOf({ clientId: 'next', posts: 5 })]);
    await shipAll(shipment);
    expect(holds(ledger)).toEqual(['ledger_set_back', 'records_lost']);
    expect(ledger.state.holds[1]).toMatchObject({ clientId: null });
    expect(ledger.state.holds[1]!.reason).toContain('records 10 to 30');
    expect(ledger.state.batches.get(JOURNAL)!.find(({ kind }) => kind === 'lost')).toMatchObject({
      firstSequence: 10,
      lastSequence: 30,
    });
    expect(await ledger.lastSequence(JOURNAL)).toBe(61);
  });
});
