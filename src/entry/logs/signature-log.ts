/** Logs invalid signatures: at most one line a minute per reason, with their number and the signer of the last one. */

import type { AdminLog } from '../../admin/port.ts';
import type { SignatureOutcome } from '../../identify/asker/port.ts';

const EVERY_MS = 60_000;

interface LastLine {
  atMs: number;
  /** Signatures since the last line. */
  signatures: number;
}

/** Memory is bounded, because the reasons are our own codes. */
export function signatureLog(
  log: Pick<AdminLog, 'warn'>,
  nowMs: () => number,
): (outcome: SignatureOutcome) => void {
  const lines = new Map<string, LastLine>();
  return ({ outcome, reason, signer }) => {
    if (outcome !== 'invalid' || reason === null) return;
    const last = lines.get(reason) ?? { atMs: Number.NEGATIVE_INFINITY, signatures: 0 };
    lines.set(reason, last);
    last.signatures += 1;
    const now = nowMs();
    if (now - last.atMs < EVERY_MS) return;
    log.warn({ reason, signer, signatures: last.signatures }, 'signatures of agents are invalid');
    last.atMs = now;
    last.signatures = 0;
  };
}
