/** The number of random cases that a property test draws. */

/** Multiplies the draws of the tests that use `draws`, for a longer manual run. */
const FACTOR = Number(process.env.DRAWS_FACTOR ?? 1);

/** @param count for a run of the whole suite, in which a unit test may take 5 s on a busy machine. */
export function draws(count: number): number {
  return Math.ceil(count * FACTOR);
}
