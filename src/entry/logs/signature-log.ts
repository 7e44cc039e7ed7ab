/** Logs invalid signatures: at most one line a minute per reason, with their number and the signer of the last one. */

import type { AdminLog } from '../../admin/port.ts';
import type { SignatureOutcome } from '../../identify/asker/port.ts';
import { lineAMinute } from './line-a-minute.ts';

/** Memory is bounded, because the reasons are our own codes. */
export function signatureLog(
  log: Pick<AdminLog, 'warn'>,
  nowMs: () => number,
): (outcome: SignatureOutcome) => void {
  const due = lineAMinute(nowMs);
  return ({ outcome, reason, signer }) => {
    if (outcome !== 'invalid' || reason === null) return;
    const signatures = due(reason);
    if (signatures === null) return;
    log.warn({ reason, signer, signatures }, 'signatures of agents are invalid');
  };
}
