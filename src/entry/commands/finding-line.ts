/** A finding or a note as one line. */

import type { Finding, Note } from '../../verify/finding.ts';

export function lineOf(told: { readonly finding: Finding } | { readonly note: Note }): string {
  if ('note' in told) return `note ${told.note.code} ${told.note.subject}: ${told.note.text}`;
  const { code, subject, expected, found } = told.finding;
  return `${code} ${subject}: expected ${expected}, found ${found}`;
}
