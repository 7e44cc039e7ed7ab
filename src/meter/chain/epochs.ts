/** Epochs of a journal: from which record on which policy and which state of the registry of rights decided. */

/** By what requests are decided now. */
export interface DecidedUnder {
  readonly policyVersion: number;
  /** Sequence of the last setting that the registry includes. */
  readonly rightsSequence: number;
}

export interface MeteringEpoch extends DecidedUnder {
  /** Epoch milliseconds UTC. */
  readonly atMs: number;
}

/** A busy registry changes every second. One record a minute is precise enough to find the settings that held. */
const REGISTRY_EVERY_MS = 60_000;

/**
 * Returns the epoch that begins with the next record; undefined if `last` still applies. A change of the policy begins one
 * at once, a change of the registry at most once a minute.
 * @param last null before the first one of this process.
 * @param now null before the first policy.
 */
export function epochAfter(
  last: MeteringEpoch | null,
  now: DecidedUnder | null,
  nowMs: number,
): MeteringEpoch | undefined {
  if (now === null) return undefined;
  const epoch = { ...now, atMs: nowMs };
  if (last === null || now.policyVersion !== last.policyVersion) return epoch;
  const isDue = now.rightsSequence !== last.rightsSequence && nowMs - last.atMs >= REGISTRY_EVERY_MS;
  return isDue ? epoch : undefined;
}
