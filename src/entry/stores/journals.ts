/**
 * The journals in a data folder: one per process, numbered. A process takes the first free one. It also ships the
 * journals of processes that have died, so that running fewer processes than before loses nothing.
 */

import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type FileJournal, openFileJournal } from '../../adapters/node/journal/journal.ts';
import type { Config } from '../../config/schema.ts';
import { LedgerShipment } from '../../meter/ledger-shipment.ts';
import { JournalError, type UsageLedger } from '../../meter/port.ts';
import type { Logger } from '../logs/log.ts';

export interface JournalsOptions {
  readonly dataDir: string;
  readonly settings: Config['journal'];
  readonly log: Logger;
}

/** Maximum number of processes on one data folder. */
const MAX_JOURNALS = 1_000;
/** Suffix of a folder that is being deleted. A later start continues the deletion. */
const REMOVED = '.removed';

/** Opens the first free journal. Throws `JournalError` if the folder cannot be used or every journal is locked. */
export function openOwnJournal(options: JournalsOptions): FileJournal {
  mkdirSync(folderOf(options), { recursive: true, mode: 0o700 });
  for (let number = 1; ; number++) {
    const journal = openUnheld(options, String(number));
    if (journal !== null) return journal;
    if (number === MAX_JOURNALS) {
      throw new JournalError(
        'journal_locked',
        `All ${MAX_JOURNALS} journals in ${folderOf(options)} are in use: set another DATA_DIR.`,
      );
    }
  }
}

/** Interval between two checks for journals that no process holds. */
const LOOK_EVERY_MS = 60_000;

export interface AbandonedJournals {
  /** Checks now. Called when the ledger was restored and may lack usage that a stopped process had shipped. */
  look(): void;
  /** Stops the checks. Resolves after the running one. */
  stop(): Promise<void>;
}

/** Ships the journals that no process holds, now and every minute, because a restored ledger may lack their usage. */
export function followAbandonedJournals(options: JournalsOptions, ledger: UsageLedger): AbandonedJournals {
  let running = shipAbandonedJournals(options, ledger);
  let isWaiting = false;
  const look = (): void => {
    if (isWaiting) return;
    isWaiting = true;
    running = running.then(() => {
      isWaiting = false;
      return shipAbandonedJournals(options, ledger);
    });
  };
  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  return {
    look,
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/**
 * Ships the journals that no process holds. What cannot be shipped now is left to the next check. Retained records that
 * the ledger already has are offered too, until their retention ends; then the folder is deleted.
 */
export async function shipAbandonedJournals(options: JournalsOptions, ledger: UsageLedger): Promise<void> {
  for (const name of readdirSync(folderOf(options))) {
    try {
      if (name.endsWith(REMOVED)) rmSync(join(folderOf(options), name), { recursive: true });
      else await shipAbandoned(options, name, ledger);
    } catch (error) {
      options.log.warn({ err: error, journal: name }, 'an abandoned journal cannot be shipped now');
    }
  }
}

async function shipAbandoned(options: JournalsOptions, name: string, ledger: UsageLedger): Promise<void> {
  const journal = openUnheld(options, name);
  if (journal === null) return;
  const folder = join(folderOf(options), name);
  let isDrained = false;
  try {
    const records = journal.lastSequence - (await ledger.lastSequence(journal.id));
    const shipment = new LedgerShipment(journal, ledger);
    while (await shipment.step());
    journal.confirm(shipment.confirmed);
    if (records > 0) {
      options.log.info({ journal: journal.id, records }, 'shipped the journal of a process that has ended');
    }
    isDrained = records <= 0 && journal.isDrained;
    // Rename it while we hold the lock, so that the next process with this number creates a new folder.
    if (isDrained) renameSync(folder, folder + REMOVED);
  } finally {
    if (!isDrained) await journal.close();
    else journal.abandon();
  }
  if (isDrained) rmSync(folder + REMOVED, { recursive: true });
}

/** Returns null if another process (or this one) holds the journal. */
function openUnheld(options: JournalsOptions, name: string): FileJournal | null {
  const { settings, log } = options;
  try {
    return openFileJournal({
      folder: join(folderOf(options), name),
      maxBytes: settings.maxBytes,
      syncIntervalMs: settings.syncIntervalMs,
      retainMs: settings.retainSeconds * 1000,
      onTornTail: (tail) => log.warn(tail, 'the last record of a journal was incomplete and was removed'),
      onDamage: (damage) =>
        log.error(damage, 'the disk has lost records of a journal; a gap is reported to the ledger'),
      onError: (error) => log.error({ err: error }, 'an I/O operation of the journal failed'),
    });
  } catch (error) {
    if (error instanceof JournalError && error.code === 'journal_locked') return null;
    throw error;
  }
}

function folderOf({ dataDir }: JournalsOptions): string {
  return join(resolve(dataDir), 'journals');
}
