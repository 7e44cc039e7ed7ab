/** One finding of `postmeter doctor`. */

import type { Unknown } from './facts.ts';

/** `fault`: the gateway does not start, or usage may be lost. `warning`: it works, with a risk or a limit. */
export type Severity = 'ok' | 'warning' | 'fault';

export interface DoctorFinding {
  readonly subject: string;
  readonly severity: Severity;
  readonly text: string;
  /** Null if nothing needs to be done. */
  readonly hint: string | null;
}

/** Nothing needs to be done. */
export function ok(subject: string, text: string): DoctorFinding {
  return { subject, severity: 'ok', text, hint: null };
}

/** Judges known facts. A part that could not be reached or read is a fault, for which `hint` is the fix. */
export function judged<T>(
  facts: T | Unknown,
  subject: string,
  hint: string,
  judge: (facts: T) => readonly DoctorFinding[],
): readonly DoctorFinding[] {
  const { failure } = facts as Partial<Unknown>;
  if (failure === undefined) return judge(facts as T);
  return [{ subject, severity: 'fault', text: failure, hint }];
}
