import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { systemTiming } from '../../../src/adapters/node/timing.ts';
import { type FollowedRights, followRights } from '../../../src/entry/stores/rights-follower.ts';
import type { RightsSource, SubjectChange } from '../../../src/rights/port.ts';
import { NO_STATES } from '../../../src/rights/state.ts';
import { subjectOf } from '../../../src/rights/subject.ts';

const log = pino({ level: 'silent' });
const post = (name: string) => subjectOf('post', '', name);
const change = (name: string, sequence: number, on = 1): SubjectChange => ({
  subject: post(name),
  states: { on, off: 0 },
  sequence,
});

/** A ledger whose registry the test changes. */
function memorySource() {
  const ledger = { changes: [] as SubjectChange[], isAway: false, reads: 0, heard: () => {} };
  const source: RightsSource = {
    async changesAfter(after, limit) {
      ledger.reads += 1;
      if (ledger.isAway) throw new Error('the ledger is away');
      const changes = ledger.changes.filter(({ sequence }) => sequence > after).slice(0, limit);
      return { changes, lastSequence: ledger.changes.at(-1)?.sequence ?? 0 };
    },
    watch: async (changed) => {
      ledger.heard = changed;
      changed();
      return async () => {};
    },
  };
  return { ledger, source };
}

let rights: FollowedRights | undefined;
afterEach(() => rights?.stop());

async function follow(source: RightsSource, maxSubjects = 10_000, nowMs = systemTiming.nowMs) {
  rights = await followRights({ source, maxSubjects, timing: { ...systemTiming, nowMs }, log });
  return rights;
}

it('has the whole registry of several pages when it starts', async () => {
  const { ledger, source } = memorySource();
  ledger.changes = Array.from({ length: 5_000 }, (_, at) => change(`p${at}`, at + 1));
  const { lookup, figures, fault } = await follow(source);
  expect(lookup.asOf).toMatchObject({ sequence: 5_000 });
  expect(lookup.statesOf([post('p0'), post('p4999'), post('absent')])).toEqual([
    { on: 1, off: 0 },
    { on: 1, off: 0 },
    NO_STATES,
  ]);
  expect(figures.subjects()).toBe(5_000);
  expect(fault()).toBeNull();
});

it('follows a change that is reported, and one that is not', async () => {
  const { ledger, source } = memorySource();
  const { lookup } = await follow(source);
  ledger.changes.push(change('a', 1));
  ledger.heard();
  await expect.poll(() => lookup.statesOf([post('a')])).toEqual([{ on: 1, off: 0 }]);
  ledger.changes = [change('a', 2, 0)];
  await expect.poll(() => lookup.statesOf([post('a')])).toEqual([NO_STATES]);
  expect(lookup.asOf?.sequence).toBe(2);
});

it('keeps the last states while the ledger is away, and reports their age', async () => {
  const { ledger, source } = memorySource();
  let nowMs = 1_000_000;
  ledger.changes = [change('a', 1)];
  const { lookup, fault, figures } = await follow(source, 10, () => nowMs);
  const { readAtMs } = lookup.asOf!;
  ledger.isAway = true;
  nowMs += 60_000;
  ledger.heard();
  await expect.poll(fault).toBe('the registry of rights was last read 60 s ago: the ledger is away');
  expect(figures.ageSeconds()).toBe(60);
  expect(lookup.asOf?.readAtMs).toBe(readAtMs);
  expect(lookup.statesOf([post('a')])).toEqual([{ on: 1, off: 0 }]);
  ledger.isAway = false;
  await expect.poll(fault).toBeNull();
});

it('reads the registry again after the ledger was restored to an older state', async () => {
  const { ledger, source } = memorySource();
  ledger.changes = [change('a', 1), change('b', 2)];
  const { lookup } = await follow(source);
  ledger.changes = [change('a', 1)];
  await expect.poll(() => lookup.statesOf([post('b')])).toEqual([NO_STATES]);
  await expect.poll(() => lookup.asOf?.sequence).toBe(1);
  expect(lookup.statesOf([post('a')])).toEqual([{ on: 1, off: 0 }]);
});

it('does not call the registry complete if it has more subjects than it may have', async () => {
  const { ledger, source } = memorySource();
  const { lookup, fault } = await follow(source, 1);
  const { readAtMs } = lookup.asOf!;
  ledger.changes = [change('a', 1), change('b', 2)];
  const reads = ledger.reads;
  await expect.poll(() => ledger.reads).toBeGreaterThan(reads + 2);
  expect(lookup.asOf!.sequence).toBe(0);
  expect(lookup.asOf!.readAtMs).toBeGreaterThanOrEqual(readAtMs);
  expect(fault()).toBeNull();
});
