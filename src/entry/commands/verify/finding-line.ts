/** Formats a finding or a note as one line. */

import type { Finding, Note } from '../../../verify/finding.ts';

export function lineOf(event: { readonly finding: Finding } | { readonly note: Note }): string {
  if ('note' in event) return `note ${event.note.code} ${event.note.subject}: ${event.note.text}`;
  const { code, subject, expected, found } = event.finding;
  return `${code} ${subject}: expected ${expected}, found ${found}`;
}
