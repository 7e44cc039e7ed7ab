/** The directory of clients, laid out for look-ups: built once per change, read by every request. */

import { type ClientPolicy, isInEffect } from '../admit/policy.ts';
import { DEFAULT_TARIFF, type Tariff, type TariffVersion } from '../tariff/tariff.ts';
import { type Period, timelineOf } from '../tariff/timeline.ts';
import type { Address } from './address.ts';
import type { DirectorySnapshot } from './port.ts';
import { PrefixTable } from './prefix-table.ts';

/** Whose an identifier is. */
export interface Owner {
  readonly clientId: string;
  readonly identifierId: string;
}

export interface Directory {
  byKeyHash(keyHash: string): Owner | undefined;
  /** By the longest registered range that holds the address. */
  byAddress(address: Address): Owner | undefined;
  /**
   * The tariff in force: the client's own, else the default. Exempt before the first version: nothing is billed then.
   * A range of unknown callers is held to the limits of the default tariff, and never billed (`timelineOf`).
   */
  tariffOf(clientId: string, nowMs: number): Tariff;
  /** The operator's policy for the client that is in effect; null if there is none. */
  policyOf(clientId: string, nowMs: number): ClientPolicy | null;
  /** Of all tariffs; 24 hours at least, also where none has a window. */
  readonly longestWindowMs: number;
  /** How many clients are in it. */
  readonly clients: number;
}

const EXEMPT: Tariff = { kind: 'exempt' };

/** Versions that hold only later are in it: `tariffOf` goes over to them at their moment, without a reload. */
export function buildDirectory(snapshot: DirectorySnapshot, bucketSeconds: number): Directory {
  const keys = new Map<string, Owner>();
  const ranges = new PrefixTable<Owner>();
  for (const identifier of snapshot.identifiers) {
    const owner = { clientId: identifier.clientId, identifierId: identifier.id };
    if (identifier.kind === 'api_key') keys.set(identifier.keyHash, owner);
    else ranges.add(identifier.cidr, owner);
  }
  const policies = new Map(snapshot.policies.map(({ clientId, policy }) => [clientId, policy]));
  const timelines = timelinesOf(snapshot.tariffs, bucketSeconds);
  return {
    byKeyHash: (keyHash) => keys.get(keyHash),
    byAddress: (address) => ranges.find(address),
    tariffOf: (clientId, nowMs) => inForce(timelines.own.get(clientId) ?? timelines.general, nowMs),
    policyOf: (clientId, nowMs) => {
      const policy = policies.get(clientId);
      return policy !== undefined && isInEffect(policy, nowMs) ? policy : null;
    },
    longestWindowMs: longestWindow(snapshot.tariffs),
    clients: snapshot.clients.length,
  };
}

function longestWindow(versions: readonly TariffVersion[]): number {
  const seconds = versions.map(({ tariff }) => (tariff?.kind === 'damages' ? tariff.windowSeconds : 0));
  return Math.max(DEFAULT_TARIFF.windowSeconds, ...seconds) * 1000;
}

function timelinesOf(versions: readonly TariffVersion[], bucketSeconds: number) {
  const defaults = versions.filter((version) => version.clientId === null);
  const byClient = new Map<string, TariffVersion[]>();
  for (const version of versions) {
    if (version.clientId === null) continue;
    const its = byClient.get(version.clientId);
    if (its === undefined) byClient.set(version.clientId, [...defaults, version]);
    else its.push(version);
  }
  const own = new Map<string, Period[]>();
  for (const [clientId, its] of byClient) own.set(clientId, timelineOf(clientId, its, bucketSeconds));
  return { own, general: timelineOf('', defaults, bucketSeconds) };
}

/** From the end, where the present nearly always is. */
function inForce(timeline: readonly Period[], nowMs: number): Tariff {
  for (let at = timeline.length - 1; at >= 0; at--) {
    const period = timeline[at]!;
    if (period.fromMs <= nowMs) return nowMs < period.toMs ? period.tariff : EXEMPT;
  }
  return EXEMPT;
}
