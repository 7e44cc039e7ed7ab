/** Settings: dated statements of sources about the states of subjects. They are appended and never changed. */

import type { SettingValue, State } from './state.ts';
import type { Subject } from './subject.ts';

/** A setting as a source sends it. */
export interface NewSetting {
  readonly subject: Subject;
  readonly state: State;
  readonly value: SettingValue;
  /**
   * When it holds, by the source, epoch milliseconds. Null: from now on; it is then not stored again if the source has
   * already stated the same value.
   */
  readonly effectiveAtMs: number | null;
  /** The source's own name for the statement. */
  readonly ref: string | null;
}

/** The part of a stored setting from which states follow. */
export interface StoredSetting {
  readonly sequence: number;
  readonly sourceId: string;
  readonly state: State;
  readonly value: SettingValue;
  readonly effectiveAtMs: number;
}

/** A setting with what the ledger records about it. */
export interface RecordedSetting extends StoredSetting {
  readonly receivedAtMs: number;
  readonly ref: string | null;
  readonly actor: string;
  readonly reason: string;
}
