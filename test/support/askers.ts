/** Askers for tests that are not about them, and the recognition of askers with a given knowledge. */

import { agentsSettingsSchema } from '../../src/identify/agents/settings.ts';
import { type Askers, type AskersOptions, createAskers } from '../../src/identify/asker/askers.ts';
import { catalogueOf } from '../../src/identify/asker/catalogue/catalogue.ts';
import { NO_KNOWLEDGE, NO_SIGNATURES } from '../../src/identify/asker/unchecked.ts';
import { identifySettingsSchema } from '../../src/identify/settings.ts';
import type { Asker } from '../../src/rights/asker.ts';

export const UNKNOWN_ASKER: Asker = { class: 'unknown', agent: null, verdict: null, evidence: 'behaviour' };

/** The recognition of a gateway with default settings that checks nothing, except for the given options. */
export function askersFor(options: Partial<AskersOptions> = {}): Askers {
  const { catalogue, grace } = agentsSettingsSchema.parse({});
  return createAskers({
    catalogue: catalogueOf(catalogue),
    knowledge: NO_KNOWLEDGE,
    signatures: NO_SIGNATURES,
    grace,
    settings: identifySettingsSchema.parse({}),
    peer: () => ({ address: '127.0.0.1', trusted: false }),
    onNotHuman: () => {},
    ...options,
  });
}
