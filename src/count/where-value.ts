/** Decides a test on the value of a member that is at hand as a whole. */

import type { Where } from './where.ts';

/** @param value of the member; undefined where it is missing. */
export function valuePasses(where: Where, value: unknown): boolean {
  const isThere = value !== undefined && value !== null;
  switch (where.kind) {
    case 'present':
      return isThere;
    case 'absent':
      return !isThere;
    case 'contains':
      return typeof value === 'string' && value.includes(where.text);
    case 'equals': {
      if (value === undefined) return false;
      const plain = typeof value === 'bigint' ? Number(value) : value;
      return where.literals.some((literal) => literal === plain) !== where.negated;
    }
  }
}
