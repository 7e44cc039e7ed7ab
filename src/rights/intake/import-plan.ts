/** Plans an import that makes a file the whole truth of its source: what the file lacks is withdrawn. */

import { newestBySource } from '../fold.ts';
import type { NewSetting, StoredSetting } from '../setting.ts';
import { type Subject, subjectText } from '../subject.ts';

export class ReplacementPlan {
  readonly #fileSays = new Map<string, NewSetting>();
  readonly #withdrawn: NewSetting[] = [];
  #on = 0;
  #lifted = 0;

  /** @param file the settings of the file, which may state a pair of subject and state more than once. */
  constructor(file: readonly NewSetting[]) {
    for (const setting of file) this.#fileSays.set(keyOf(setting.subject, setting.state), setting);
  }

  /** Settings that withdraw what the source has stated and the file lacks. */
  get withdrawn(): readonly NewSetting[] {
    return this.#withdrawn;
  }

  /** States that the source has switched on. */
  get on(): number {
    return this.#on;
  }

  /** States that the source has switched on and would not state any more. */
  get lifted(): number {
    return this.#lifted;
  }

  /** Adds everything that the source has stated about a subject. */
  add(subject: Subject, settings: readonly StoredSetting[]): void {
    for (const { state, value } of newestBySource(settings)) {
      if (value === 'unset') continue;
      const says = this.#fileSays.get(keyOf(subject, state));
      if (value === 'on') {
        this.#on += 1;
        if (says?.value !== 'on') this.#lifted += 1;
      }
      if (says === undefined) {
        this.#withdrawn.push({ subject, state, value: 'unset', effectiveAtMs: null, ref: null });
      }
    }
  }
}

function keyOf(subject: Subject, state: string): string {
  return `${state} ${subjectText(subject)}`;
}
