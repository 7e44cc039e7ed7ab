/** What objects take from the configuration: parsed once an isolate, for many objects of one class live in it. */

import { explainProblems, parseConfig } from '../../config/parse.ts';
import { type RecordedConfiguration, recordedConfiguration } from '../../config/recorded.ts';
import { sha256 } from '../crypto/sha256.ts';
import { configText } from '../edge/config-text.ts';

export interface ObjectSettings {
  readonly bucketSeconds: number;
  readonly retainMs: number;
  readonly maxJournalBytes: number;
  /** As the ledger records it. */
  readonly configuration: RecordedConfiguration;
}

/** The platform refuses to store more than 10 GB in one object. */
const MAX_BYTES = 8 * 1024 ** 3;

const parsed = new Map<string, ObjectSettings>();

/** @param variable the binding POSTMETER_CONFIG. Throws an error that names the faults. */
export function objectSettings(variable: string | undefined): ObjectSettings {
  const { name, text } = configText(variable);
  let settings = parsed.get(text);
  if (settings === undefined) {
    const result = parseConfig(text);
    if (!result.ok) throw new Error(explainProblems(name, result.problems));
    const { bucketSeconds, journal } = result.config;
    settings = {
      bucketSeconds,
      retainMs: journal.retainSeconds * 1000,
      maxJournalBytes: Math.min(MAX_BYTES, journal.maxBytes),
      configuration: recordedConfiguration(result.config, sha256),
    };
    parsed.set(text, settings);
  }
  return settings;
}
