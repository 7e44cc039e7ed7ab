/** The configuration of Durable Objects, parsed once per isolate, because an isolate runs many objects. */

import { explainProblems, parseConfig } from '../../config/parse.ts';
import { type RecordedConfiguration, recordedConfiguration } from '../../config/recorded.ts';
import type { AgentsSettings } from '../../identify/agents/settings.ts';
import { sha256 } from '../crypto/sha256.ts';
import { configText } from '../edge/config-text.ts';

export interface ObjectSettings {
  readonly bucketSeconds: number;
  readonly retainMs: number;
  readonly maxJournalBytes: number;
  /** How long traits of unknown callers are kept. */
  readonly callerDays: number;
  /** The part that names and checks agents. */
  readonly agents: AgentsSettings;
  /** The configuration as the ledger records it. */
  readonly configuration: RecordedConfiguration;
}

/** Cloudflare limits the storage of an object to 10 GB. */
const MAX_BYTES = 8 * 1024 ** 3;

const parsed = new Map<string, ObjectSettings>();

/** @param variable the binding POSTMETER_CONFIG. Throws an error that names every fault of an invalid configuration. */
export function objectSettings(variable: string | undefined): ObjectSettings {
  const { name, text } = configText(variable);
  let settings = parsed.get(text);
  if (settings === undefined) {
    const result = parseConfig(text);
    if (!result.ok) throw new Error(explainProblems(name, result.problems));
    const { agents, bucketSeconds, callers, journal } = result.config;
    settings = {
      agents,
      bucketSeconds,
      retainMs: journal.retainSeconds * 1000,
      maxJournalBytes: Math.min(MAX_BYTES, journal.maxBytes),
      callerDays: callers.retainDays,
      configuration: recordedConfiguration(result.config, sha256),
    };
    parsed.set(text, settings);
  }
  return settings;
}
