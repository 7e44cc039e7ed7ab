/** Reads the rows of a request, and turns their faults and the refusals of the ledger into problems. */

import type { ReadRows } from '../../../rights/intake/read-rows.ts';
import type { NewSetting } from '../../../rights/setting.ts';
import type { AdminDeps } from '../../deps.ts';
import { faultsOf } from '../../field-error.ts';
import { faultsProblem, fieldProblem, HttpProblem } from '../../problem.ts';
import type { CallOnce, WriteSettingsResult, WrittenSettings } from '../../rights/port.ts';

/** Throws a problem that names the faults by row, and field of the row. Lets requests be served between batches. */
export async function settingsFrom(batches: Iterable<ReadRows>): Promise<NewSetting[]> {
  const settings: NewSetting[] = [];
  const faults: ReadRows['faults'][number][] = [];
  for (const batch of batches) {
    settings.push(...batch.settings);
    faults.push(...batch.faults);
    await new Promise((resolve) => setTimeout(resolve));
  }
  if (faults.length === 0) return settings;
  throw faultsProblem(
    faults.flatMap(({ row, issue }) => {
      const place = row === 0 ? 'the header' : `row ${row}`;
      return faultsOf([issue], '').map(({ field, ...rest }) => ({
        field: field === '' ? place : `${place}: ${field}`,
        ...rest,
      }));
    }),
  );
}

/** @param body what the call says, as text. */
export function onceOf(
  key: string | undefined,
  body: string,
  secrets: Pick<AdminDeps['secrets'], 'hashToken'>,
): CallOnce | null {
  return key === undefined ? null : { key, digest: secrets.hashToken(body) };
}

export function writtenOrThrow(result: WriteSettingsResult): WrittenSettings {
  switch (result.kind) {
    case 'written': {
      const { kind, ...written } = result;
      return written;
    }
    case 'key_reused':
      throw fieldProblem(
        409,
        'Idempotency-Key',
        'was used for a call with other content',
        'use a new key for each call',
        'idempotency_key_reused',
      );
    case 'too_many_subjects':
      throw new HttpProblem(
        409,
        `The registry of rights may have ${result.maxSubjects} subjects, and the call would exceed this. Nothing was stored. Raise rights.maxSubjects in the configuration, up to 10000000.`,
        { code: 'too_many_subjects' },
      );
  }
}
