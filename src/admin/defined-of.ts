/** Fields that a request sent. */

/** Returns the fields that are not undefined: in a change, the others keep their values. */
export function definedOf<T extends object>(fields: T) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
