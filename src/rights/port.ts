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
  /** Null until the registry has been read. */
  readonly asOf: RegistryAge | null;
  /** The states of each subject, in the order asked. Synchronous on Node; a promise at the edge. */
  statesOf(subjects: readonly Subject[]): readonly SubjectStates[] | Promise<readonly SubjectStates[]>;
}
