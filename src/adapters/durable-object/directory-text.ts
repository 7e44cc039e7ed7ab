/** The directory of clients as JSON text, for storage and comparison. Tariffs are their terms, money is decimal. */

import type { DirectorySnapshot, IdentifierEntry } from '../../identify/port.ts';
import type { TariffVersion } from '../../tariff/tariff.ts';
import { parseStoredTariff, tariffToJson } from '../../tariff/terms.ts';

interface DirectoryJson {
  readonly clients: DirectorySnapshot['clients'];
  readonly identifiers: readonly IdentifierEntry[];
  /** Absent in a directory that an earlier version stored, before clients had policies. */
  readonly policies?: DirectorySnapshot['policies'];
  /** Absent in a directory that an earlier version stored, before there were published policies. */
  readonly policyVersions?: DirectorySnapshot['policyVersions'];
  readonly tariffs: ReadonlyArray<Omit<TariffVersion, 'tariff'> & { readonly terms: unknown }>;
}

/** Returns the same text for the same directory, regardless of the order of the ledger's rows. */
export function directoryToText(directory: DirectorySnapshot): string {
  const { clients, identifiers, tariffs, policies, policyVersions } = directory;
  const terms = tariffs.map(({ tariff, ...version }) => ({
    ...version,
    terms: tariff === null ? null : tariffToJson(tariff),
  }));
  const json: DirectoryJson = {
    clients: clients.toSorted(byId),
    identifiers: identifiers.toSorted(byId),
    tariffs: terms.toSorted(byId),
    policies: policies.toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1)),
    policyVersions: policyVersions.toSorted((a, b) => a.version - b.version),
  };
  return JSON.stringify(json);
}

/** Parses the result of `directoryToText`. Throws if the terms of a version are not a valid tariff. */
export function directoryFromText(text: string): DirectorySnapshot {
  const json = JSON.parse(text) as DirectoryJson;
  const { clients, identifiers, tariffs, policies = [], policyVersions = [] } = json;
  return { clients, identifiers, tariffs: tariffs.map(tariffOf), policies, policyVersions };
}

function tariffOf({ terms, ...version }: DirectoryJson['tariffs'][number]): TariffVersion {
  return { ...version, tariff: parseStoredTariff(terms, version.id) };
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
