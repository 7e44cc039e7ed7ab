/** Checks that the current states of each subject of the registry of rights follow from its settings. */

import { foldSettings } from '../rights/fold.ts';
import type { StoredSetting } from '../rights/setting.ts';
import { type SubjectStates, statesIn } from '../rights/state.ts';
import { type Subject, subjectText } from '../rights/subject.ts';
import { type Finding, finding } from './finding.ts';

/** A subject as it is in the ledger. */
export interface KeptSubject {
  readonly subject: Subject;
  readonly settings: readonly StoredSetting[];
  /** Null if the ledger has no current states of it. */
  readonly current: (SubjectStates & { readonly sequence: number }) | null;
}

export function subjectFindings({ subject, settings, current }: KeptSubject): Finding[] {
  const last = Math.max(0, ...settings.map(({ sequence }) => sequence));
  const expected = textOf(foldSettings(settings), last);
  const found = current === null ? 'none' : textOf(current, current.sequence);
  return expected === found
    ? []
    : [finding('rights_differ', `rights/${subjectText(subject)}`, expected, found)];
}

function textOf({ on, off }: SubjectStates, sequence: number): string {
  const named = (mask: number) => statesIn(mask).join(' ') || 'nothing';
  return `on: ${named(on)}, off: ${named(off)}, at setting ${sequence}`;
}
