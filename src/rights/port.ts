/** What decisions about rights need from outside: the current states of subjects, kept in memory on Node. */

import type { SubjectStates } from './state.ts';
import type { Subject } from './subject.ts';

export interface RegistryAge {
  /** Sequence of the last setting that is included. */
  readonly sequence: number;
  /** When the registry was last known to be complete, epoch milliseconds. */
  readonly readAtMs: number;
}

export interface RightsLookup {
  /**
   * Null until the registry has been read. At the edge it belongs to the last answer of `statesOf`, so read it after one;
   * null if that failed.
   */
  readonly asOf: RegistryAge | null;
  /** The states of each subject, in the order asked. Synchronous on Node; a promise at the edge. */
  statesOf(subjects: readonly Subject[]): readonly SubjectStates[] | Promise<readonly SubjectStates[]>;
}

/** The current states of a subject, and the sequence of its last setting. */
export interface SubjectChange {
  readonly subject: Subject;
  readonly states: SubjectStates;
  readonly sequence: number;
}

/** A part of the registry, in the order of its settings. */
export interface RightsPage {
  readonly changes: readonly SubjectChange[];
  /** Sequence of the last setting; 0 if there is none. It falls only if the ledger was restored to an older state. */
  readonly lastSequence: number;
}

/** The ledger's registry. Sequences are committed in order, so a reader of what follows the last one misses nothing. */
export interface RightsSource {
  /** The first subjects with a setting after `sequence`. From 0 on: the whole registry. */
  changesAfter(sequence: number, limit: number): Promise<RightsPage>;
  /** Calls `changed` after each change by any process, and after every reconnect. Returns a function that stops it. */
  watch(changed: () => void): Promise<() => Promise<void>>;
}
