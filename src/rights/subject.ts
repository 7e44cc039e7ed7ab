/** Subjects: what a setting of the registry of rights is about. */

export const SUBJECT_KINDS = ['post', 'author', 'blog', 'path'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

export interface Subject {
  readonly kind: SubjectKind;
  /** Distinguishes equal names on different hosts or sites; empty if names are unique on the platform. */
  readonly scope: string;
  /** At most 1,024 characters. Hosts are in lower case without a port. */
  readonly name: string;
}
