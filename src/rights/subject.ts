/** Subjects: what a setting of the registry of rights is about. */

/** The most specific kind is first. */
export const SUBJECT_KINDS = ['post', 'author', 'blog', 'path'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** Create it with `subjectOf`, so that settings and look-ups agree on letter case. */
export interface Subject {
  readonly kind: SubjectKind;
  /** Distinguishes equal names on different hosts or sites; empty if names are unique on the platform. Lower case. */
  readonly scope: string;
  /** At most 1,024 characters. Names of blogs are in lower case, and hosts have no port. */
  readonly name: string;
}

/** Returns the subject with the scope, and the name of a blog, in lower case. */
export function subjectOf(kind: SubjectKind, scope: string, name: string): Subject {
  return { kind, scope: scope.toLowerCase(), name: kind === 'blog' ? name.toLowerCase() : name };
}

/** A text that no other subject has. */
export function subjectText({ kind, scope, name }: Subject): string {
  return `${kind} ${scope.length} ${scope}${name}`;
}
