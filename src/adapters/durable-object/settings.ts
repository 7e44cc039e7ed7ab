/** What objects take from the configuration: parsed once an isolate, for many objects of one class live in it. */

import { explainProblems, parseConfig } from '../../config/parse.ts';

export interface ObjectSettings {
  readonly bucketSeconds: number;
  readonly retainMs: number;
  readonly maxJournalBytes: number;
}

/** The platform refuses to store more than 10 GB in one object. */
const MOST_BYTES = 8 * 1024 ** 3;

const parsed = new Map<string, ObjectSettings>();

/** @param configText the binding POSTMETER_CONFIG. Throws an error that names the faults. */
export function objectSettings(configText = '{}'): ObjectSettings {
  let settings = parsed.get(configText);
  if (settings === undefined) {
    const result = parseConfig(configText || '{}');
    if (!result.ok) throw new Error(explainProblems('POSTMETER_CONFIG', result.problems));
    const { bucketSeconds, journal } = result.config;
    settings = {
      bucketSeconds,
      retainMs: journal.retainSeconds * 1000,
      maxJournalBytes: Math.min(MOST_BYTES, journal.maxBytes),
    };
    parsed.set(configText, settings);
  }
  return settings;
}
