/** Numbers with their nouns in the singular or the plural. */

/** `1 client`, `2,000 clients`. @param many the plural. Default: `one` with an s. */
export function counted(count: number, one: string, many?: string): string {
  return `${count.toLocaleString('en')} ${nounOf(count, one, many)}`;
}

/** The noun alone, for a number that is shown beside it. */
export function nounOf(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : many;
}
