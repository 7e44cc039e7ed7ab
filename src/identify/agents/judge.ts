/**
 * Judges a claim by what the agent's operator publishes: address ranges and reverse DNS. `forged` needs every proof to be
 * known and to fail; one that is missing makes the verdict `pending`.
 */

import type { AddressVerdict } from '../asker/port.ts';
import type { ListsState } from '../ranges/known-lists.ts';
import type { ReverseResult } from '../reverse-dns/port.ts';

export interface ClaimFacts {
  /** Whether a list of the agent's operator contains the address. A range proves the operator, the claim picks the agent. */
  readonly isInRange: boolean;
  /** The lists of the agent. */
  readonly lists: ListsState;
  /** `none`: the agent has no names that reverse DNS could confirm. */
  readonly reverseDns: ReverseResult | 'pending' | 'none';
}

export function judgeClaim({ isInRange, lists, reverseDns }: ClaimFacts): AddressVerdict {
  if (isInRange) return { verdict: 'verified', by: 'range' };
  if (reverseDns === 'verified') return { verdict: 'verified', by: 'reverse_dns' };
  if (lists === 'none' && reverseDns === 'none') return { verdict: 'uncheckable', by: null };
  const isAnswered = reverseDns === 'none' || reverseDns === 'denied';
  return { verdict: isAnswered && lists !== 'stale' ? 'forged' : 'pending', by: null };
}
