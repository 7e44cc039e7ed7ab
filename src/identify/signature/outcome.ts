/** What the check of one signature found, and which of several findings names the agent. */

import type { SignatureOutcome } from '../asker/port.ts';
import type { BaseReason } from './base.ts';
import type { CoverReason } from './cover.ts';
import type { KeyReason } from './key.ts';
import type { ReadReason } from './read.ts';

export type SignatureReason =
  | ReadReason
  | CoverReason
  | BaseReason
  | KeyReason
  | 'algorithm_mismatch'
  | 'signature_wrong'
  | 'replayed'
  | 'over_budget'
  | 'replayable'
  | 'many_networks';

/** Reasons that say nothing about the signature, because something that decides is not known. */
const UNDECIDED: ReadonlySet<SignatureReason> = new Set<SignatureReason>([
  'signer_missing',
  'component_unknown',
  'directory_unknown',
  'directory_failed',
  'key_unknown',
  'over_budget',
]);

/** @param signer name of the claimed signer; empty if it could not be read. */
export function failedOutcome(signer: string, reason: SignatureReason): SignatureOutcome {
  return { signer, outcome: UNDECIDED.has(reason) ? 'unverified' : 'invalid', grade: 'weak', reason };
}

/** @param weakness why the signature does not prove this one request; null if it does. */
export function verifiedOutcome(
  signer: string,
  weakness: 'replayable' | 'many_networks' | null,
): SignatureOutcome {
  return { signer, outcome: 'verified', grade: weakness === null ? 'bound' : 'weak', reason: weakness };
}

/** The strongest outcome of a request's signatures. Of equal ones the first counts. */
export function bestOutcome(outcomes: readonly SignatureOutcome[]): SignatureOutcome {
  return outcomes.reduce((best, one) => (rank(one) > rank(best) ? one : best));
}

function rank({ outcome, grade }: SignatureOutcome): number {
  if (outcome === 'verified') return grade === 'bound' ? 3 : 2;
  return outcome === 'unverified' ? 1 : 0;
}
