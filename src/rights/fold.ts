/** Folds the settings of one subject to its current states. */

import type { StoredSetting } from './setting.ts';
import { HARD_MASK, maskOf, type SubjectStates } from './state.ts';

/** True if `a` replaces `b`: it took effect later, or at the same time and was received later. */
function isNewer(a: StoredSetting, b: StoredSetting): boolean {
  return a.effectiveAtMs === b.effectiveAtMs ? a.sequence > b.sequence : a.effectiveAtMs > b.effectiveAtMs;
}

/** The newest setting of each source about each state, in the order in which the pairs first occur. */
export function newestBySource<Setting extends StoredSetting>(settings: Iterable<Setting>): Setting[] {
  const newest = new Map<string, Setting>();
  for (const setting of settings) {
    const key = `${setting.state} ${setting.sourceId}`;
    const before = newest.get(key);
    if (before === undefined || isNewer(setting, before)) newest.set(key, setting);
  }
  return [...newest.values()];
}

/**
 * The settings that decide the states of a subject. Every source that switches a hard state on decides it. Another state
 * is decided by the newest setting of all sources. `unset` withdraws the source's own statement and decides nothing.
 */
export function decidingSettings<Setting extends StoredSetting>(settings: Iterable<Setting>): Setting[] {
  const stated = newestBySource(settings).filter(({ value }) => value !== 'unset');
  return stated.filter((one) =>
    isHard(one)
      ? one.value === 'on'
      : !stated.some((other) => other.state === one.state && isNewer(other, one)),
  );
}

/** The current states of a subject. The order of the settings does not matter. */
export function foldSettings(settings: Iterable<StoredSetting>): SubjectStates {
  const deciding = decidingSettings(settings);
  const masked = (value: 'on' | 'off') =>
    maskOf(deciding.filter((one) => one.value === value).map(({ state }) => state));
  return { on: masked('on'), off: masked('off') };
}

function isHard({ state }: StoredSetting): boolean {
  return (maskOf([state]) & HARD_MASK) !== 0;
}
