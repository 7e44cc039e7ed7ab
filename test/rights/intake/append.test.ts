import { describe, expect, it } from 'vitest';
import { appendSettings } from '../../../src/rights/intake/append.ts';
import type { NewSetting, StoredSetting } from '../../../src/rights/setting.ts';
import { maskOf, type SettingValue } from '../../../src/rights/state.ts';
import { subjectOf } from '../../../src/rights/subject.ts';

const SUBJECT = subjectOf('post', '', '1');
const NOW_MS = 5_000;
const given = (value: SettingValue, effectiveAtMs: number | null): NewSetting => ({
  subject: SUBJECT,
  ...{ state: 'no_training', value, effectiveAtMs, ref: null },
});
const stored = (sequence: number, value: SettingValue, effectiveAtMs: number): StoredSetting => ({
  ...{ sequence, sourceId: 'platform', state: 'no_training', value, effectiveAtMs },
});
const append = (settings: readonly NewSetting[], before: readonly StoredSetting[] = []) =>
  appendSettings(settings, {
    sourceId: 'platform',
    lastSequence: 10,
    nowMs: NOW_MS,
    storedOf: () => before,
  });

describe('settings of a call', () => {
  it('get the next sequences, and the time of the call if they have no date', () => {
    const [added] = append([given('on', 1_000), given('off', null)]);
    expect(added!.settings).toMatchObject([
      { sequence: 11, value: 'on', effectiveAtMs: 1_000 },
      { sequence: 12, value: 'off', effectiveAtMs: NOW_MS },
    ]);
    expect(added!.states).toEqual({ on: 0, off: maskOf(['no_training']) });
  });

  it('are omitted if they repeat a value and its date, in the ledger or in the call', () => {
    expect(append([given('on', 1_000)], [stored(1, 'on', 1_000)])).toEqual([]);
    expect(append([given('on', 1_000), given('on', 1_000)])[0]!.settings).toHaveLength(1);
    expect(append([given('on', 2_000)], [stored(1, 'on', 1_000)])).toHaveLength(1);
  });

  it('without a date are omitted if the source states the same now', () => {
    const before = [stored(1, 'on', 1_000), stored(2, 'off', 2_000)];
    expect(append([given('off', null)], before)).toEqual([]);
    expect(append([given('on', null)], before)).toHaveLength(1);
  });

  it('are omitted if they withdraw what was never stated', () => {
    expect(append([given('unset', 1_000)])).toEqual([]);
    expect(append([given('unset', null)])).toEqual([]);
    expect(append([given('unset', 2_000)], [stored(1, 'on', 1_000)])).toHaveLength(1);
  });
});
