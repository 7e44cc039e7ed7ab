/** Flat header lists: name, value, name, value. */

export function pairsOf(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i]!, flat[i + 1]!]);
  return pairs;
}

/** Value of a field by its lower-case name, several joined by a comma; undefined if there is none. */
export function fieldValue(flat: readonly string[], lowerName: string): string | undefined {
  const values = pairsOf(flat)
    .filter(([name]) => name.toLowerCase() === lowerName)
    .map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(', ');
}
