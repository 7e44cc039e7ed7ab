/** The delay between failing attempts. */

export interface BackOff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Returns milliseconds: doubles up to the longest delay, minus a random part of up to half, so that what failed
 * together does not return together.
 * @param failures consecutive failures, from 1 on.
 * @param random in [0, 1).
 */
export function backOffMs(failures: number, { firstMs, maxMs }: BackOff, random: number): number {
  const fullMs = Math.min(maxMs, firstMs * 2 ** (failures - 1));
  return fullMs * (0.5 + random / 2);
}
