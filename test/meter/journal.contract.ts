/** The behaviour required of every Journal, wherever it keeps its records. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Journal, JournalRecord } from '../../src/meter/port.ts';
import { usageOf } from './usages.ts';

export interface JournalUnderTest {
  readonly journal: Journal;
  /** Makes everything that is confirmed now older than the retention time. */
  age(): void;
  drop(): Promise<void>;
}

export function journalContract(name: string, open: () => JournalUnderTest): void {
  describe(`journal: ${name}`, () => {
    let made: JournalUnderTest;
    let journal: Journal;
    beforeEach(() => {
      made = open();
      journal = made.journal;
    });
    afterEach(() => made.drop());

    const append = (count: number) => {
      for (let at = 0; at < count; at++) journal.append([usageOf({ posts: journal.lastSequence + 1 })]);
    };
    const sequences = async (after = 0) => {
      const all: JournalRecord[] = [];
      for (;;) {
        const page = await journal.read(all.at(-1)?.sequence ?? after, 7);
        if (page.length === 0) return all.map(({ sequence }) => sequence);
        for (const { sequence, usage } of page) expect(usage[0]!.posts).toBe(sequence);
        all.push(...page);
      }
    };

    test('returns appended records in order and in pages, with the gap that ended', async () => {
      const gap = { fromMs: 1, toMs: 2, responses: 3, posts: 4 };
      append(20);
      expect(journal.append([usageOf({ posts: 21 })], gap)).toBe(21);
      expect(await sequences()).toEqual(upTo(21));
      expect(await sequences(15)).toEqual([16, 17, 18, 19, 20, 21]);
      expect((await journal.read(20, 5)).map((record) => record.gap)).toEqual([gap]);
    });

    test('keeps records that the ledger has not confirmed, regardless of their age', async () => {
      append(50);
      made.age();
      expect(await sequences()).toEqual(upTo(50));
    });

    test('keeps records that the ledger has lost again, regardless of their age, until it has them', async () => {
      append(50);
      journal.confirm(50);
      journal.rewind(10);
      made.age();
      expect(await sequences(10)).toEqual(upTo(50).slice(10));
      expect(journal.lastSequence).toBe(50);
      journal.confirm(50);
      append(20);
      made.age();
      expect((await sequences()).length).toBeLessThan(50);
      expect(await sequences(50)).toEqual(upTo(70).slice(50));
    });

    test('whose rewind is not below the confirmed sequence continues as before', async () => {
      append(50);
      journal.confirm(40);
      journal.rewind(45);
      append(20);
      made.age();
      expect((await sequences())[0]).toBeGreaterThan(30);
      expect(journal.append([usageOf({ posts: 71 })])).toBe(71);
    });

    test('continues after a sequence that the ledger has and the journal has not', async () => {
      append(3);
      journal.confirm(40);
      expect(journal.append([usageOf({ posts: 41 })])).toBe(41);
      expect(await sequences(40)).toEqual([41]);
    });
  });
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
