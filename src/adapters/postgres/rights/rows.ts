/** Rows of the registry of rights, as its rules read them. */

import type { RecordedSetting, StoredSetting } from '../../../rights/setting.ts';
import { SETTING_VALUES, STATES } from '../../../rights/state.ts';
import type { rightsSettings } from './tables.ts';

/** A row of a raw statement with the columns `sequence`, `source_id`, `state`, `value` and `effective_ms`. */
export function storedSettingOf(row: Readonly<Record<string, unknown>>): StoredSetting {
  return {
    sequence: Number(row.sequence),
    sourceId: String(row.source_id),
    state: known(STATES, row.state),
    value: known(SETTING_VALUES, row.value),
    effectiveAtMs: Math.round(Number(row.effective_ms)),
  };
}

export function recordedSettingOf(row: typeof rightsSettings.$inferSelect): RecordedSetting {
  const { sequence, state, value, sourceId, actor, reason } = row;
  return {
    ...{ sequence, state, value, sourceId, actor, reason },
    effectiveAtMs: row.effectiveAt.getTime(),
    receivedAtMs: row.receivedAt.getTime(),
    ref: row.sourceRef,
  };
}

function known<Value extends string>(values: readonly Value[], text: unknown): Value {
  const value = values.find((one) => one === text);
  if (value === undefined) throw new TypeError(`the ledger has a setting with the unknown value ${text}`);
  return value;
}
