/** Subjects: what a setting of the registry of rights is about. */

import { normalPathsOf } from '../count/route/path.ts';

/** The most specific kind is first. */
export const SUBJECT_KINDS = ['post', 'author', 'blog', 'path'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** Create it with `subjectOf`, so that settings and look-ups agree. */
export interface Subject {
  readonly kind: SubjectKind;
  /** Distinguishes equal names on different hosts or sites; empty if names are unique on the platform. Lower case. */
  readonly scope: string;
  /** At most 1,024 characters. */
  readonly name: string;
}

export const MAX_SUBJECT_NAME = 1_024;

/**
 * Returns the subject in the form in which it is stored and looked up. Letter case distinguishes posts only, because most
 * platforms find authors, blogs and paths in any letter case. Hosts have no port. Paths are normalised like those of
 * routes.
 */
export function subjectOf(kind: SubjectKind, scope: string, name: string): Subject {
  return { kind, scope: canonicalHost(scope), name: canonicalName(kind, name) };
}

function canonicalName(kind: SubjectKind, name: string): string {
  if (kind === 'post') return name;
  if (kind === 'blog') return canonicalHost(name);
  return (kind === 'path' ? normalPathsOf(name)[0]! : name).toLowerCase();
}

/** A host in lower case, without its port and the dot of the root. Other text is only put in lower case. */
export function canonicalHost(host: string): string {
  return host.toLowerCase().replace(/\.?(?::\d*)?$/, '');
}

/** A text that no other subject has. */
export function subjectText({ kind, scope, name }: Subject): string {
  return `${kind} ${scope.length} ${scope}${name}`;
}
