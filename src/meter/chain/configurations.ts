/** Which configurations a batch was metered under, from the places in its journal at which each began to apply. */

/** As a link of the chain names it: from the record `sequence` on. */
export interface LinkConfiguration {
  readonly sequence: number;
  readonly hash: string;
  readonly version: string;
  readonly fromMs: number;
}

/**
 * Those that apply to one of the records from `first` to `last`, in their order; none for records from before
 * configurations were recorded. `all`: of the journal, sorted by sequence.
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
