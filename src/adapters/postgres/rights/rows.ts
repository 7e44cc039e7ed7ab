/** Rows of the registry of rights, as its rules read them. */

import type { RecordedSetting, StoredSetting } from '../../../rights/setting.ts';
import type { SettingValue, State } from '../../../rights/state.ts';
import type { rightsSettings } from './tables.ts';

/** A row of a raw statement with the columns `sequence`, `source_id`, `state`, `value` and `effective_ms`. */
export function storedSettingOf(row: Readonly<Record<string, unknown>>): StoredSetting {
  return {
    sequence: Number(row.sequence),
    sourceId: String(row.source_id),
    state: row.state as State,
    value: row.value as SettingValue,
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
