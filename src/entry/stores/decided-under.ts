/** By which policy and registry of rights the requests of a process or isolate are decided. */

import type { Directory } from '../../identify/directory.ts';
import type { DecidedUnder } from '../../meter/chain/epochs.ts';
import type { RightsLookup } from '../../rights/port.ts';

/** Returns null before the first policy. */
export function decidedUnder(
  directory: Directory,
  rights: Pick<RightsLookup, 'asOf'>,
  nowMs: number,
): DecidedUnder | null {
  const policy = directory.policyAt(nowMs);
  return policy === null
    ? null
    : { policyVersion: policy.version, rightsSequence: rights.asOf?.sequence ?? 0 };
}
