/** Counts the signatures of requests by outcome and reason. The label sets are bounded by our own codes. */

import type { SignatureOutcome } from '../identify/asker/port.ts';
import type { LabelledValue, SignatureFigures } from './port.ts';

export class SignatureCounts implements SignatureFigures {
  readonly #outcomes = new Map<string, { readonly labels: Record<string, string>; value: number }>();
  #repeatedNonces = 0;
  #droppedDirectories = 0;

  add({ outcome, grade, reason }: SignatureOutcome): void {
    const why = reason ?? grade;
    const key = `${outcome} ${why}`;
    let counted = this.#outcomes.get(key);
    if (counted === undefined) {
      counted = { labels: { outcome, reason: why }, value: 0 };
      this.#outcomes.set(key, counted);
    }
    counted.value += 1;
  }

  nonceRepeated(): void {
    this.#repeatedNonces += 1;
  }

  directoryDropped(): void {
    this.#droppedDirectories += 1;
  }

  outcomes(): readonly LabelledValue[] {
    return [...this.#outcomes.values()];
  }

  repeatedNonces(): number {
    return this.#repeatedNonces;
  }

  droppedDirectories(): number {
    return this.#droppedDirectories;
  }
}
