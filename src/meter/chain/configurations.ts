/** Determines under which configurations a batch was metered, from the records at which each began to apply. */

/** A configuration as a link of the chain names it: it applies from the record `sequence` on. */
export interface LinkConfiguration {
  readonly sequence: number;
  readonly hash: string;
  readonly version: string;
  readonly fromMs: number;
}

/**
 * Returns the configurations that apply to a record from `first` to `last`, in order; none for records older than
 * recorded configurations. `all` must hold the journal's, sorted by sequence.
 */
export function configurationsOf(
  all: readonly LinkConfiguration[],
  first: number,
  last: number,
): readonly LinkConfiguration[] {
  const begun = all.filter(({ sequence }) => sequence <= last);
  const inForce = begun.findLastIndex(({ sequence }) => sequence <= first);
  return begun.slice(Math.max(0, inForce));
}
