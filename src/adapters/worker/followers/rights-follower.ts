/** The states of subjects in an isolate: it asks the rights object, and keeps each answer for a few seconds. */

import { LRUCache } from 'lru-cache';
import type { RegistryAge, RightsLookup } from '../../../rights/port.ts';
import { NO_STATES, type SubjectStates } from '../../../rights/state.ts';
import { type Subject, subjectText } from '../../../rights/subject.ts';
import type { RightsObjectMethods } from '../../edge/protocol.ts';
import { withTimeout } from '../timing.ts';

export interface RightsFollowerOptions {
  /** Returns the rights object, for a call on behalf of the current request. */
  readonly object: () => RightsObjectMethods;
  readonly nowMs: () => number;
  readonly onError: (error: unknown) => void;
}

interface KeptStates {
  readonly states: SubjectStates;
  readonly askedAtMs: number;
}

const KEEP_MS = 5_000;
const MAX_KEPT = 10_000;
const TIMEOUT_MS = 2_000;

export class RightsFollower implements RightsLookup {
  readonly #options: RightsFollowerOptions;
  readonly #kept = new LRUCache<string, KeptStates>({ max: MAX_KEPT });
  #asOf: RegistryAge | null = null;

  constructor(options: RightsFollowerOptions) {
    this.#options = options;
  }

  /** Read it after `statesOf`. Null if the last call failed, because then nothing is known of new subjects. */
  get asOf(): RegistryAge | null {
    return this.#asOf;
  }

  async statesOf(subjects: readonly Subject[]): Promise<readonly SubjectStates[]> {
    const { nowMs, object, onError } = this.#options;
    const askedAtMs = nowMs();
    const texts = subjects.map(subjectText);
    const known = new Map<string, SubjectStates>();
    for (const text of texts) {
      const kept = this.#kept.get(text);
      if (kept !== undefined && askedAtMs - kept.askedAtMs < KEEP_MS) known.set(text, kept.states);
    }
    const unknown = subjects.filter((_, at) => !known.has(texts[at]!));
    if (unknown.length > 0) {
      try {
        const { asOf, states } = await withTimeout(
          TIMEOUT_MS,
          object().statesOf(unknown),
          'the rights object',
        );
        this.#asOf = asOf;
        for (const [at, subject] of unknown.entries()) {
          const text = subjectText(subject);
          known.set(text, states[at]!);
          this.#kept.set(text, { states: states[at]!, askedAtMs });
        }
      } catch (error) {
        this.#asOf = null;
        onError(error);
      }
    }
    return texts.map((text) => known.get(text) ?? this.#kept.peek(text)?.states ?? NO_STATES);
  }
}
