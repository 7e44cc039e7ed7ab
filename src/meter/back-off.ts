/** How long to rest between attempts that fail. */

export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Milliseconds: doubles up to the longest, between half of it and all, so that what failed together does not return
 * together.
 * @param failures in a row, from 1 on.
 * @param random in [0, 1).
 */
export function backOffMs(failures: number, { firstMs, longestMs }: BackOff, random: number): number {
  const fullMs = Math.min(longestMs, firstMs * 2 ** (failures - 1));
  return fullMs * (0.5 + random / 2);
}
