/** The order in which tables can be filled while their foreign keys hold. */

export interface TableReference {
  readonly child: string;
  readonly parent: string;
}

/**
 * Returns `tables` with each one after all that it references; otherwise in the given order. A table may reference
 * itself. Throws if tables reference each other in a circle.
 */
export function parentsFirst(
  tables: readonly string[],
  references: readonly TableReference[],
): readonly string[] {
  const ordered: string[] = [];
  let waiting = [...tables];
  while (waiting.length > 0) {
    const isBlocked = (table: string) =>
      references.some(({ child, parent }) => child === table && parent !== table && waiting.includes(parent));
    const free = waiting.filter((table) => !isBlocked(table));
    if (free.length === 0) throw new Error(`the tables ${waiting.join(', ')} reference each other`);
    ordered.push(...free);
    waiting = waiting.filter((table) => !free.includes(table));
  }
  return ordered;
}
