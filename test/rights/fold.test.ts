import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectiveStates } from '../../src/rights/effective.ts';
import { decidingSettings, foldSettings } from '../../src/rights/fold.ts';
import type { StoredSetting } from '../../src/rights/setting.ts';
import { HARD_STATES, maskOf, PREFERENCES, STATES, type State, statesIn } from '../../src/rights/state.ts';
import { SUBJECT_KINDS } from '../../src/rights/subject.ts';
import { draws } from '../support/draws.ts';

const setting = (
  sequence: number,
  sourceId: string,
  state: State,
  value: StoredSetting['value'],
  effectiveAtMs = sequence,
): StoredSetting => ({ sequence, sourceId, state, value, effectiveAtMs });

const isHard = (state: State) => HARD_STATES.some((hard) => hard === state);

/** The states of a subject, state by state, as the documentation describes them. */
function slowFold(settings: readonly StoredSetting[]) {
  const newest = (some: readonly StoredSetting[]) =>
    [...some].sort((a, b) => a.effectiveAtMs - b.effectiveAtMs || a.sequence - b.sequence).at(-1);
  const on: State[] = [];
  const off: State[] = [];
  for (const state of STATES) {
    const about = settings.filter((one) => one.state === state);
    const sources = [...new Set(about.map(({ sourceId }) => sourceId))];
    const statements = sources
      .map((source) => newest(about.filter(({ sourceId }) => sourceId === source))!)
      .filter(({ value }) => value !== 'unset');
    if (isHard(state)) {
      if (statements.some(({ value }) => value === 'on')) on.push(state);
      continue;
    }
    const decides = newest(statements);
    if (decides?.value === 'on') on.push(state);
    if (decides?.value === 'off') off.push(state);
  }
  return { on: maskOf(on), off: maskOf(off) };
}

const someSettings = fc
  .array(
    fc.record({
      sourceId: fc.constantFrom('platform', 'file', 'bluesky'),
      state: fc.constantFrom<State>('deleted', 'private', 'no_training', 'no_search', 'explicit'),
      value: fc.constantFrom('on' as const, 'off' as const, 'unset' as const),
      effectiveAtMs: fc.integer({ min: 0, max: 5 }),
    }),
    { maxLength: 12 },
  )
  .map((list) => list.map((one, at): StoredSetting => ({ ...one, sequence: at + 1 })));

describe('the states of a subject', () => {
  it('are those of a slow fold, in any order of the settings', () => {
    fc.assert(
      fc.property(someSettings, fc.boolean(), (settings, isReversed) => {
        const given = isReversed ? settings.toReversed() : settings;
        expect(foldSettings(given)).toEqual(slowFold(settings));
      }),
      { numRuns: draws(3_000) },
    );
  });

  it('keep a hard state until every source that stated it has lifted it', () => {
    const settings = [setting(1, 'a', 'deleted', 'on'), setting(2, 'b', 'deleted', 'on')];
    expect(statesIn(foldSettings([...settings, setting(3, 'a', 'deleted', 'off')]).on)).toEqual(['deleted']);
    const lifted = [...settings, setting(3, 'a', 'deleted', 'off'), setting(4, 'b', 'deleted', 'unset')];
    expect(foldSettings(lifted)).toEqual({ on: 0, off: 0 });
  });

  it('follow the newest date of a preference, not the order of arrival', () => {
    const settings = [setting(1, 'a', 'no_training', 'on', 200), setting(2, 'b', 'no_training', 'off', 100)];
    expect(statesIn(foldSettings(settings).on)).toEqual(['no_training']);
  });

  it('return to the statement of another source when the newest one is withdrawn', () => {
    const settings = [
      setting(1, 'a', 'no_training', 'on'),
      setting(2, 'b', 'no_training', 'off'),
      setting(3, 'b', 'no_training', 'unset'),
    ];
    expect(statesIn(foldSettings(settings).on)).toEqual(['no_training']);
    expect(decidingSettings(settings).map(({ sequence }) => sequence)).toEqual([1]);
  });
});

describe('the states of a post', () => {
  const of = (kind: (typeof SUBJECT_KINDS)[number], on: State[], off: State[] = []) => ({
    kind,
    states: { on: maskOf(on), off: maskOf(off) },
  });

  it('contain the hard states of all its subjects, which nothing lifts', () => {
    const found = [of('post', [], ['no_training']), of('author', ['suspended']), of('path', ['legal'])];
    expect(statesIn(effectiveStates(found, 'opt_out'))).toEqual(['suspended', 'legal']);
  });

  it('take a preference from the most specific subject that sets it', () => {
    const found = [of('blog', ['no_training', 'no_archive']), of('post', [], ['no_training'])];
    expect(statesIn(effectiveStates(found, 'opt_out'))).toEqual(['no_archive']);
  });

  it('contain a preference that one of two subjects of a kind switches on', () => {
    const found = [of('blog', [], ['no_training']), of('blog', ['no_training'])];
    expect(statesIn(effectiveStates(found, 'opt_out'))).toEqual(['no_training']);
  });

  it('contain each preference that is not set if authors have to opt in', () => {
    const found = [of('author', [], ['no_training'])];
    const held = PREFERENCES.filter((state) => state !== 'no_training');
    expect(statesIn(effectiveStates(found, 'opt_in'))).toEqual(held);
    expect(statesIn(effectiveStates([], 'opt_in'))).toEqual([...PREFERENCES]);
    expect(effectiveStates([], 'opt_out')).toBe(0);
  });

  it('are those of a search state by state', () => {
    const mask = fc.integer({ min: 0, max: 0xffff });
    const subject = fc.record({ kind: fc.constantFrom(...SUBJECT_KINDS), on: mask, off: mask });
    fc.assert(
      fc.property(
        fc.array(subject, { maxLength: 5 }),
        fc.constantFrom('opt_in' as const, 'opt_out' as const),
        (list, regime) => {
          const found = list.map(({ kind, on, off }) => ({
            kind,
            states: { on, off: off & ~on & ~maskOf([...HARD_STATES]) },
          }));
          const holds = (state: State): boolean => {
            const bit = maskOf([state]);
            if (isHard(state)) return found.some(({ states }) => (states.on & bit) !== 0);
            for (const kind of SUBJECT_KINDS) {
              const setting = found.filter(
                (one) => one.kind === kind && ((one.states.on | one.states.off) & bit) !== 0,
              );
              if (setting.length > 0) return setting.some(({ states }) => (states.on & bit) !== 0);
            }
            return regime === 'opt_in' && PREFERENCES.some((preference) => preference === state);
          };
          expect(statesIn(effectiveStates(found, regime))).toEqual(STATES.filter(holds));
        },
      ),
      { numRuns: draws(3_000) },
    );
  });
});
