/**
 * The journals in a data folder: one a process, numbered. A process takes the first that nobody holds; what others
 * left behind when they died is shipped to the ledger too, so that fewer processes than before lose nothing.
 */

import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type FileJournal, openFileJournal } from '../adapters/node/journal.ts';
import type { Config } from '../config/schema.ts';
import { LedgerShipment } from '../meter/ledger-shipment.ts';
import { JournalError, type UsageLedger } from '../meter/port.ts';
import type { Logger } from './log.ts';

export interface JournalsOptions {
  readonly dataDir: string;
  readonly settings: Config['journal'];
  readonly log: Logger;
}

/** Processes on one data folder. */
const MOST_JOURNALS = 1_000;
/** Ends the name of a folder that is being deleted: a start that finds one goes on with it. */
const REMOVED = '.removed';

/** Throws `JournalError` where the folder cannot be used or every journal is held. */
export function openOwnJournal(options: JournalsOptions): FileJournal {
  mkdirSync(folderOf(options), { recursive: true, mode: 0o700 });
  for (let number = 1; ; number++) {
    const journal = openUnheld(options, String(number));
    if (journal !== null) return journal;
    if (number === MOST_JOURNALS) {
      throw new JournalError(
        'journal_locked',
        `All ${MOST_JOURNALS} journals in ${folderOf(options)} are held: set another DATA_DIR.`,
      );
    }
  }
}

/** Between two looks at the journals that no process holds. */
const LOOK_EVERY_MS = 60_000;

export interface AbandonedJournals {
  /** Looks now: the ledger was set back, and may lack what a stopped process had shipped. */
  look(): void;
  /** Resolves after the look that is under way. */
  stop(): Promise<void>;
}

/** Ships the journals that no process holds, now and every minute: a restored ledger lacks what they had shipped. */
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
 * Ships what is in the journals that nobody holds; what cannot be shipped now is left to the next look. What they keep
 * of what the ledger has is offered at every look too, until it is old; then the folder goes.
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
  let isSpent = false;
  try {
    const records = journal.lastSequence - (await ledger.lastSequence(journal.id));
    const shipment = new LedgerShipment(journal, ledger);
    while (await shipment.step());
    journal.confirm(shipment.confirmed);
    if (records > 0) {
      options.log.info(
        { journal: journal.id, records },
        'shipped what another process had left in its journal',
      );
    }
    isSpent = records <= 0 && journal.isSpent;
    // While we hold it: whoever comes for this number makes a new folder.
    if (isSpent) renameSync(folder, folder + REMOVED);
  } finally {
    if (!isSpent) await journal.close();
    else journal.abandon();
  }
  if (isSpent) rmSync(folder + REMOVED, { recursive: true });
}

/** Null where another process (or this one) holds it. */
function openUnheld(options: JournalsOptions, name: string): FileJournal | null {
  const { settings, log } = options;
  try {
    return openFileJournal({
      folder: join(folderOf(options), name),
      maxBytes: settings.maxBytes,
      syncIntervalMs: settings.syncIntervalMs,
      retainMs: settings.retainSeconds * 1000,
      onTornTail: (tail) => log.warn(tail, 'the end of a journal was not whole and was cut off'),
      onDamage: (damage) =>
        log.error(damage, 'the disk has lost records of a journal; the ledger is told of a gap'),
      onError: (error) => log.error({ err: error }, 'the journal has trouble with its disk'),
    });
  } catch (error) {
    if (error instanceof JournalError && error.code === 'journal_locked') return null;
    throw error;
  }
}

function folderOf({ dataDir }: JournalsOptions): string {
  return join(resolve(dataDir), 'journals');
}
