/** Checks that the tariff versions are those that were written: none changed in place, added or removed. */

import { DEFAULT_TARIFF } from '../tariff/tariff.ts';
import { tariffToJson } from '../tariff/terms.ts';
import { type Finding, finding } from './finding.ts';
import type { KeptTariff, TariffAudit } from './port.ts';
import { tariffVersionsOf } from './recompute.ts';

/** The version that every ledger begins with. */
const FIRST: TariffAudit = {
  clientId: null,
  version: 1,
  validFromMs: 0,
  terms: tariffToJson(DEFAULT_TARIFF),
  createdAtMs: null,
  createdBy: 'postmeter',
  reason: 'X\'s terms of service, section "Liquidated Damages", in force since 15 November 2024',
};

export function tariffFindings(kept: readonly KeptTariff[], audits: readonly TariffAudit[]): Finding[] {
  const written = new Map([FIRST, ...audits].map((version) => [subjectOf(version), version]));
  const stored = new Map(kept.map((version) => [subjectOf(version), version]));
  return [...new Set([...written.keys(), ...stored.keys()])].flatMap((subject) => {
    const isTimed = written.get(subject)?.createdAtMs !== null;
    const [expected, found] = [
      describe(written.get(subject), isTimed),
      describe(stored.get(subject), isTimed),
    ];
    return expected === found ? [] : [finding('tariff_differs', subject, expected, found)];
  });
}

function subjectOf({ clientId, version }: TariffAudit): string {
  return clientId === null ? `tariffs/${version}` : `clients/${clientId}/tariffs/${version}`;
}

/** Formats a version for comparison. Parsing fills in defaults that older versions did not write. */
function describe(version: TariffAudit | undefined, isTimed: boolean): string {
  if (version === undefined) return 'no version';
  const { clientId, version: number, validFromMs, terms, createdAtMs, createdBy, reason } = version;
  const read = tariffVersionsOf([{ id: '', clientId, version: number, validFromMs, terms }]);
  const tariff =
    read === null ? 'no tariff' : read[0]!.tariff === null ? 'the default' : tariffToJson(read[0]!.tariff);
  return JSON.stringify([validFromMs, tariff, isTimed ? createdAtMs : null, createdBy, reason]);
}
