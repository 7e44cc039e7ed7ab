/** What a link of the chain states beside usage: the configurations and epochs that apply to its records. */

/** A configuration as a link of the chain names it: it applies from the record `sequence` on. */
export interface LinkConfiguration {
  readonly sequence: number;
  readonly hash: string;
  readonly version: string;
  readonly fromMs: number;
}

/** The policy and the registry of rights by which requests were decided, from the record `sequence` on. */
export interface LinkEpoch {
  readonly sequence: number;
  readonly policyVersion: number;
  readonly rightsSequence: number;
  readonly atMs: number;
}

/**
 * Returns those that apply to a record from `first` to `last`, in order; none for records older than all of them. `all`
 * must be sorted by sequence and include the last one that begins at `first` or earlier.
 */
export function inForce<One extends { readonly sequence: number }>(
  all: readonly One[],
  first: number,
  last: number,
): readonly One[] {
  const begun = all.filter(({ sequence }) => sequence <= last);
  const atFirst = begun.findLastIndex(({ sequence }) => sequence <= first);
  return begun.slice(Math.max(0, atFirst));
}
