/** Requests and responses of the registry of rights. */

import { z } from '@hono/zod-openapi';
import { isoTimestamp } from '../../../report/timestamp.ts';
import type { RecordedSetting } from '../../../rights/setting.ts';
import { SETTING_VALUES, STATES, type SubjectStates, statesIn } from '../../../rights/state.ts';
import { SUBJECT_KINDS } from '../../../rights/subject.ts';
import { lineOfText, Reason, TimestampOut } from '../../fields.ts';
import type { SubjectRecord } from '../../rights/port.ts';

export const SourceId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, {
    error: 'is not a valid name of a source',
    abort: true,
  })
  .openapi({
    example: 'platform',
    description:
      'Who states the settings: lower-case letters, digits, ".", "_" and "-". A new name creates the source.',
  });

/** A key of the caller: a repeated call with the same key changes nothing and gets the same response. */
export const IdempotencyKey = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/)
    .optional()
    .openapi({ description: 'A repeat of the call with this key changes nothing. Kept for 7 days.' }),
});

/** The source and the reason of a call whose body contains only rows. */
export const sourceQuery = { source: SourceId.optional(), reason: Reason.optional() };

export const StateName = z.enum(STATES);
export const KindName = z.enum(SUBJECT_KINDS);
export const StateNames = z.array(StateName);

export const subjectFields = {
  kind: KindName,
  scope: z.string(),
  name: z.string(),
};

export const stateFields = {
  on: StateNames,
  off: StateNames.openapi({ description: 'States that were explicitly switched off: allowances.' }),
};

export const SubjectSchema = z
  .object({
    id: z.int(),
    ...subjectFields,
    ...stateFields,
    sequence: z.int().openapi({ description: 'Sequence of the last setting of the subject.' }),
    changedAt: TimestampOut,
  })
  .openapi('RightsSubject');

const settingFields = {
  sequence: z.int(),
  state: StateName,
  value: z.enum(SETTING_VALUES),
  source: z.string(),
  effectiveAt: TimestampOut.openapi({ description: 'When it holds, by the source.' }),
  receivedAt: TimestampOut,
  ref: z.string().nullable().openapi({ description: "The source's own name for the statement." }),
  actor: z.string(),
  reason: z.string(),
};
export const SettingSchema = z.object(settingFields).openapi('RightsSetting');

export const WrittenSchema = z
  .object({
    stored: z.int().openapi({ description: 'Settings that were stored.' }),
    repeated: z
      .int()
      .openapi({ description: 'Settings that repeat what the source has already stated; not stored.' }),
    sequence: z.int().openapi({ description: 'Sequence of the last setting in the ledger.' }),
  })
  .openapi('WrittenSettings');

export const ScopeQuery = z.string().max(1_024).default('');
export const NameQuery = lineOfText(1_024);

export function statesJson({ on, off }: SubjectStates) {
  return { on: statesIn(on), off: statesIn(off) };
}

export function subjectJson({ id, subject, states, sequence, changedAtMs }: SubjectRecord) {
  return { id, ...subject, ...statesJson(states), sequence, changedAt: isoTimestamp(changedAtMs) };
}

export function settingJson({ sourceId, effectiveAtMs, receivedAtMs, ...rest }: RecordedSetting) {
  return {
    ...rest,
    source: sourceId,
    effectiveAt: isoTimestamp(effectiveAtMs),
    receivedAt: isoTimestamp(receivedAtMs),
  };
}
