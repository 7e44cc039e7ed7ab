/** The directory of clients as an index: it is built once per change and read by every request. */

import { type ClientPolicy, isInEffect } from '../admit/policy.ts';
import type { ClientClass } from '../rights/asker.ts';
import { DEFAULT_TARIFF, type Tariff, type TariffVersion } from '../tariff/tariff.ts';
import { type Period, timelineOf, windowMsOf } from '../tariff/timeline.ts';
import type { PolicyVersion } from '../terms/policy.ts';
import { policyTimeline } from '../terms/timeline.ts';
import type { Address } from './address.ts';
import { signerKey } from './asker/catalogue/catalogue.ts';
import type { DirectorySnapshot } from './port.ts';
import { PrefixTable } from './prefix-table.ts';

/** The client and identifier that a key or address belongs to. */
export interface Owner {
  readonly clientId: string;
  readonly identifierId: string;
}

export interface Directory {
  byKeyHash(keyHash: string): Owner | undefined;
  /** Matches the longest registered range that contains the address. */
  byAddress(address: Address): Owner | undefined;
  /** @param agent token of the catalogue without regard to case, or the URL of a signer. */
  byAgent(agent: string): Owner | undefined;
  /** The class that an operator gave to the client; null if none. */
  classOf(clientId: string): ClientClass | null;
  /**
   * The tariff in force: the client's own, else the default. Before the first version the client is exempt and
   * nothing is billed. A range of unknown callers has the limits of the default tariff and is never billed
   * (`timelineOf`).
   */
  tariffOf(clientId: string, nowMs: number): Tariff;
  /** The window of the client's rolling total now, in milliseconds. */
  windowMsOf(clientId: string, nowMs: number): number;
  /** The operator's policy for the client that applies now; null if there is none. */
  policyOf(clientId: string, nowMs: number): ClientPolicy | null;
  /** The published policy in force; null before the first one. */
  policyAt(nowMs: number): PolicyVersion | null;
  /** The longest window of all tariffs, at least 24 hours. */
  readonly longestWindowMs: number;
  /** Number of clients in the directory. */
  readonly clients: number;
}

const EXEMPT: Tariff = { kind: 'exempt' };

/** Includes future versions: `tariffOf` and `policyAt` switch to them when they start, without a reload. */
export function buildDirectory(snapshot: DirectorySnapshot, bucketSeconds: number): Directory {
  const keys = new Map<string, Owner>();
  const ranges = new PrefixTable<Owner>();
  const agents = new Map<string, Owner>();
  for (const identifier of snapshot.identifiers) {
    const owner = { clientId: identifier.clientId, identifierId: identifier.id };
    if (identifier.kind === 'api_key') keys.set(identifier.keyHash, owner);
    else if (identifier.kind === 'cidr') ranges.add(identifier.cidr, owner);
    else agents.set(agentKey(identifier.agent), owner);
  }
  const classes = new Map(snapshot.clients.map(({ id, askerClass }) => [id, askerClass ?? null]));
  const policies = new Map(snapshot.policies.map(({ clientId, policy }) => [clientId, policy]));
  const timelines = timelinesOf(snapshot.tariffs, bucketSeconds);
  const tariffOf = (clientId: string, nowMs: number) =>
    inForce(timelines.own.get(clientId) ?? timelines.general, nowMs);
  return {
    byKeyHash: (keyHash) => keys.get(keyHash),
    byAddress: (address) => ranges.find(address),
    byAgent: (agent) => (agents.size === 0 ? undefined : agents.get(agentKey(agent))),
    classOf: (clientId) => classes.get(clientId) ?? null,
    tariffOf,
    windowMsOf: (clientId, nowMs) => windowMsOf(tariffOf(clientId, nowMs), bucketSeconds),
    policyOf: (clientId, nowMs) => {
      const policy = policies.get(clientId);
      return policy !== undefined && isInEffect(policy, nowMs) ? policy : null;
    },
    policyAt: policyTimeline(snapshot.policyVersions),
    longestWindowMs: longestWindow(snapshot.tariffs),
    clients: snapshot.clients.length,
  };
}

/** One text for the same agent. */
function agentKey(agent: string): string {
  return agent.includes('://') ? signerKey(agent) : agent.toLowerCase();
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

/** Searches from the end, because the current period is nearly always there. */
function inForce(timeline: readonly Period[], nowMs: number): Tariff {
  for (let at = timeline.length - 1; at >= 0; at--) {
    const period = timeline[at]!;
    if (period.fromMs <= nowMs) return nowMs < period.toMs ? period.tariff : EXEMPT;
  }
  return EXEMPT;
}
