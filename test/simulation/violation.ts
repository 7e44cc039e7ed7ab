/** An invariant that does not hold. */

export class Violation extends Error {
  override readonly name = 'Violation';
}

export function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Violation(otherwise);
}
