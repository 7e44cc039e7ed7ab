/** The port of the registry of rights: writing settings, and reading what holds and why. */

import type { NewSetting, RecordedSetting, StoredSetting } from '../../rights/setting.ts';
import type { State, SubjectStates } from '../../rights/state.ts';
import type { Subject, SubjectKind } from '../../rights/subject.ts';
import type { Actor, Page, PageRequest } from '../port.ts';

/** Maximum number of settings of one call of `write`. */
export const MAX_SETTINGS = 10_000;

export interface RightsCall {
  readonly settings: readonly NewSetting[];
  readonly sourceId: string;
  readonly reason: string;
  /** Null: a repeated call is a new call. */
  readonly once: CallOnce | null;
}

/** Identifies a call, so that its repeat changes nothing and gets the same result. */
export interface CallOnce {
  readonly key: string;
  /** SHA-256 of the request, in hex: the same key with another request is refused. */
  readonly digest: string;
}

export interface WrittenSettings {
  /** Settings that were stored. */
  readonly stored: number;
  /** Settings that repeat what the source has already stated. */
  readonly repeated: number;
  /** Sequence of the last setting in the ledger. */
  readonly sequence: number;
}

export type WriteSettingsResult =
  | ({ readonly kind: 'written' } & WrittenSettings)
  | { readonly kind: 'key_reused' }
  | { readonly kind: 'too_many_subjects'; readonly maxSubjects: number };

export interface SubjectRecord {
  readonly id: number;
  readonly subject: Subject;
  readonly states: SubjectStates;
  readonly sequence: number;
  readonly changedAtMs: number;
}

export interface SubjectFilter {
  readonly kind?: SubjectKind | undefined;
  readonly scope?: string | undefined;
  readonly name?: string | undefined;
  /** The state is on. */
  readonly state?: State | undefined;
}

export interface RightsSourceRecord {
  readonly id: string;
  readonly createdAtMs: number;
  readonly settings: number;
  readonly lastReceivedAtMs: number | null;
}

/** The settings of one source about one subject. */
export interface SourceStatements {
  readonly subject: Subject;
  readonly settings: readonly StoredSetting[];
}

export interface RightsBooks {
  /** Stores settings in one transaction. Sequences are committed in order. Creates the source if it is new. */
  write(call: RightsCall, who: Actor): Promise<WriteSettingsResult>;
  /** What `write` would store now. */
  preview(call: RightsCall, who: Actor): Promise<WrittenSettings>;
  /** Everything that the source has stated, subject by subject. */
  statements(sourceId: string): AsyncIterable<SourceStatements>;
  /** In the order of their creation. */
  subjects(filter: SubjectFilter, page: PageRequest): Promise<Page<SubjectRecord>>;
  subject(id: number): Promise<SubjectRecord | null>;
  /** Settings of a subject, newest first. */
  settings(subjectId: number, page: PageRequest): Promise<Page<RecordedSetting>>;
  /** All settings of each subject that were received until `untilMs`, in the order of `subjects`. */
  settingsOf(
    subjects: readonly Subject[],
    untilMs: number,
  ): Promise<ReadonlyArray<readonly RecordedSetting[]>>;
  sources(): Promise<readonly RightsSourceRecord[]>;
}
