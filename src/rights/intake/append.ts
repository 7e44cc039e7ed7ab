/** Decides which settings of a call are stored, and what the states of their subjects are afterwards. */

import { foldSettings, newestBySource } from '../fold.ts';
import type { NewSetting, StoredSetting } from '../setting.ts';
import type { SubjectStates } from '../state.ts';
import { type Subject, subjectText } from '../subject.ts';

export interface AppendedSetting extends StoredSetting {
  readonly ref: string | null;
}

/** What a call adds to one subject. */
export interface AppendedSubject {
  readonly subject: Subject;
  /** At least one. */
  readonly settings: readonly AppendedSetting[];
  readonly states: SubjectStates;
}

export interface AppendOptions {
  readonly sourceId: string;
  /** Sequence of the last setting in the ledger. */
  readonly lastSequence: number;
  readonly nowMs: number;
  /** The stored settings of a subject, by its `subjectText`. */
  readonly storedOf: (text: string) => readonly StoredSetting[];
}

/** Subjects whose settings all repeat what the source has already stated are omitted. */
export function appendSettings(given: readonly NewSetting[], options: AppendOptions): AppendedSubject[] {
  const { sourceId, nowMs } = options;
  let sequence = options.lastSequence;
  const found = new Map<string, { subject: Subject; added: AppendedSetting[] }>();
  for (const { subject, state, value, effectiveAtMs, ref } of given) {
    const text = subjectText(subject);
    const entry = found.get(text) ?? { subject, added: [] };
    found.set(text, entry);
    const stated = [...options.storedOf(text), ...entry.added].filter(
      (stored) => stored.sourceId === sourceId && stored.state === state,
    );
    if (isRepeat(stated, value, effectiveAtMs)) continue;
    sequence += 1;
    entry.added.push({ sequence, sourceId, state, value, effectiveAtMs: effectiveAtMs ?? nowMs, ref });
  }
  return [...found]
    .filter(([, { added }]) => added.length > 0)
    .map(([text, { subject, added }]) => ({
      subject,
      settings: added,
      states: foldSettings([...options.storedOf(text), ...added]),
    }));
}

/**
 * Withdrawing what was never stated counts as a repeat.
 * @param stated the settings of the source about one state of a subject.
 */
function isRepeat(
  stated: readonly StoredSetting[],
  value: StoredSetting['value'],
  effectiveAtMs: number | null,
): boolean {
  if (value === 'unset' && stated.length === 0) return true;
  if (effectiveAtMs === null) return (newestBySource(stated)[0]?.value ?? 'unset') === value;
  return stated.some((stored) => stored.value === value && stored.effectiveAtMs === effectiveAtMs);
}
