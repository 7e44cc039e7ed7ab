/** Keeps the registry of rights of the ledger in memory. It is read once at startup, then after each change. */

import { sha256OfText } from '../../adapters/crypto/sha256.ts';
import { BackgroundLoop } from '../../meter/poll-loop.ts';
import type { Timing } from '../../meter/port.ts';
import type { RightsFigures } from '../../report/port.ts';
import type { RegistryAge, RightsLookup, RightsSource } from '../../rights/port.ts';
import { SubjectTable } from '../../rights/subject-table.ts';
import type { Logger } from '../logs/log.ts';

export interface FollowedRights {
  readonly lookup: RightsLookup;
  readonly figures: RightsFigures;
  /** Why decisions are based on an old or no registry; null if it is up to date. */
  fault(): string | null;
  stop(): Promise<void>;
}

interface FollowRightsOptions {
  readonly source: RightsSource;
  readonly maxSubjects: number;
  readonly timing: Timing;
  readonly log: Pick<Logger, 'warn'>;
}

/** Subjects of one read: adding them to the table takes about 10 ms, in which no request is served. */
const PAGE = 2_000;
/** Changes that are reported in this time are read together. */
const GATHER_MS = 10;
/** A notification can be lost, and the age of the registry is known only by reading it. */
const READ_EVERY_MS = 2_000;
/** The start waits this long for the registry. A larger one is read while the process already serves. */
const WAIT_AT_START_MS = 5_000;
/** Age from which the registry is reported as old. It is read every two seconds. */
const MAX_AGE_MS = 10_000;

/** Resolves when the registry has been read, or after `WAIT_AT_START_MS`. Rejects if listening cannot start. */
export async function followRights(options: FollowRightsOptions): Promise<FollowedRights> {
  const { source, timing, log } = options;
  const emptyTable = () => new SubjectTable(options.maxSubjects, sha256OfText);
  let table = emptyTable();
  const startedAtMs = timing.nowMs();
  const isRead = new AbortController();
  let sequence = 0;
  let asOf: RegistryAge | null = null;

  const readPage = async (): Promise<boolean> => {
    const readAtMs = timing.nowMs();
    const { changes, lastSequence } = await source.changesAfter(sequence, PAGE);
    if (lastSequence < sequence) {
      log.warn(
        { sequence },
        'the ledger was restored to an older state; the registry of rights is read again',
      );
      table = emptyTable();
      sequence = 0;
      asOf = null;
      return true;
    }
    for (const { subject, states } of changes) table.set(subject, states);
    sequence = changes.at(-1)?.sequence ?? sequence;
    const hasMore = changes.length === PAGE;
    if (!hasMore) asOf = { sequence, readAtMs };
    else if (asOf !== null) asOf = { ...asOf, sequence };
    if (asOf !== null) isRead.abort();
    return hasMore;
  };
  const loop = new BackgroundLoop({
    step: readPage,
    idleMs: GATHER_MS,
    quietMs: () => READ_EVERY_MS,
    timing,
    onError: (error) =>
      log.warn({ err: error }, 'the registry of rights cannot be read; the last states remain in use'),
  });
  const stopWatching = await source.watch(() => loop.announce());
  loop.start();
  await timing.sleep(WAIT_AT_START_MS, isRead.signal);

  const ageMs = (): number => timing.nowMs() - (asOf?.readAtMs ?? startedAtMs);
  return {
    lookup: {
      get asOf() {
        return asOf;
      },
      statesOf: (subjects) => subjects.map((subject) => table.get(subject)),
    },
    figures: { ageSeconds: () => ageMs() / 1000, subjects: () => table.size },
    fault: () => {
      if (asOf === null) return `the registry of rights is being read: ${table.size} subjects so far`;
      if (ageMs() <= MAX_AGE_MS) return null;
      const reason = loop.lastError === undefined ? '' : `: ${loop.lastError.message}`;
      return `the registry of rights was last read ${Math.round(ageMs() / 1000)} s ago${reason}`;
    },
    stop: async () => {
      await stopWatching();
      await loop.stop();
    },
  };
}
