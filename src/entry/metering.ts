/** Wires metering on Node: journal, window, totals, meter and shipping, started and stopped as one. */

import { memoryWindow } from '../adapters/memory/window.ts';
import { sha256 } from '../adapters/node/sha256.ts';
import { openRedisWindow } from '../adapters/redis/window.ts';
import { recordedConfiguration } from '../config/recorded.ts';
import type { Config } from '../config/schema.ts';
import type { Directory } from '../identify/directory.ts';
import { Meter } from '../meter/meter.ts';
import type { MeteringConfiguration, Timing, UsageLedger, WindowStore } from '../meter/port.ts';
import { startShipping } from '../meter/shipper.ts';
import { TotalsBoard } from '../meter/totals.ts';
import { DEFAULT_WINDOW_MS } from '../tariff/tariff.ts';
import { type AbandonedJournals, followAbandonedJournals, openOwnJournal } from './journals.ts';
import type { Logger } from './log.ts';
import { damageOf, figuresOf, type MeteringFigures, MeteringWatch, REMOVED } from './metering-figures.ts';
import { StoreTrouble } from './store-trouble.ts';
import { VERSION } from './version.ts';

export interface MeteringOptions {
  readonly config: Config;
  readonly dataDir: string;
  readonly redisUrl: string | undefined;
  readonly ledger: UsageLedger;
  readonly directory: () => Directory;
  readonly timing: Timing;
  /** Told, before anything is metered, of the last usage that an earlier process has metered: epoch milliseconds. */
  readonly onResumed: (lastUsageMs: number) => void;
  readonly log: Logger;
}

export interface Metering {
  readonly meter: Meter;
  readonly totals: TotalsBoard;
  /** Records that usage is metered under another configuration from now on. */
  useConfig(config: Config): void;
  /** The last attempt to write usage failed. */
  readonly isFailing: () => boolean;
  /** What the disk has lost of the journal, for a person to read; null where it has lost nothing. */
  readonly damage: () => string | null;
  /** The journal's files are gone from DATA_DIR, for people; null if they are there. */
  readonly removal: () => string | null;
  readonly figures: MeteringFigures;
  /** Ships what is left for at most `timeoutMs`, then closes everything; what is left stays in the journal. */
  stop(timeoutMs: number): Promise<void>;
}

/** A batch is a link in the ledger's chain, kept for good: 86,400 a day and gateway at most. */
const LEDGER_FLUSH_MS = 1_000;
/** With a store away it goes on after this: the platform must not wait for ours. */
const SHIP_AT_START_MS = 2_000;
/** One record. */
const GAP_AT_STOP_MS = 1_000;
/** Between two attempts to write to a journal that refuses. */
const PROBE_MS = 1_000;
/** Between two looks whether the journal's files are still there, and whether a store is back. */
const LOOK_EVERY_MS = 1_000;

export async function startMetering(options: MeteringOptions): Promise<Metering> {
  const { config, directory, log, ledger, timing } = options;
  const { bucketSeconds } = config;
  const journals = { dataDir: options.dataDir, settings: config.journal, log };
  const journal = openOwnJournal(journals);
  const lastUsageMs = journal.lastUsageMs();
  if (lastUsageMs !== null) options.onResumed(lastUsageMs);
  const window = openWindow(options);
  const windowMsOf = (clientId: string): number => {
    const tariff = directory().tariffOf(clientId, timing.nowMs());
    return tariff.kind === 'damages' ? tariff.windowSeconds * 1000 : DEFAULT_WINDOW_MS;
  };
  const totals = new TotalsBoard({
    window,
    windowMsOf,
    timing,
    bucketSeconds,
    firstWaitMs: config.admit.firstRequestWaitMs,
    onError: (error) => log.debug({ err: error }, 'totals cannot be read'),
  });
  const watch = new MeteringWatch();
  const trouble = new StoreTrouble(log, () => timing.monotonicMs());
  let abandoned: AbandonedJournals | undefined;
  const shipping = startShipping({
    journal,
    ledger: watch.counting(ledger),
    window,
    totals,
    timing,
    windowMsOf,
    longestWindowMs: directory().longestWindowMs,
    ledgerFlushMs: LEDGER_FLUSH_MS,
    onSetback: (setback) => {
      watch.setbacks++;
      abandoned?.look();
      log.error(setback, 'the ledger lost what it had taken; the journal offers it again');
    },
    onError: (target, error) => {
      if (target === 'ledger') watch.ledgerFailures++;
      trouble.failed(target, error);
    },
  });
  totals.start();
  // What the last process left is shipped and a lost window rebuilt before anybody is served by their totals.
  await shipping.drain(SHIP_AT_START_MS);
  abandoned = followAbandonedJournals(journals, ledger);
  const meter = new Meter({
    journal,
    configuration: meteredUnder(config, timing.nowMs()),
    endOfTurn: (run) => void setImmediate(run),
    onJournalFailure: config.journal.onFailure,
    onWritten: (usage) => {
      watch.written(shipping, timing.nowMs());
      totals.bump(usage);
    },
    onGap: (error) => watch.gap(error, log),
    later: (run) => void setTimeout(run, PROBE_MS).unref(),
    nowMs: () => timing.nowMs(),
  });

  const looking = setInterval(() => {
    watch.looked(journal.isRemoved, options.dataDir, log);
    const state = shipping.state();
    for (const target of ['ledger', 'window'] as const) {
      if (state[target].failures === 0) trouble.answered(target);
    }
  }, LOOK_EVERY_MS).unref();

  return {
    meter,
    totals,
    useConfig: (next) => meter.useConfiguration(meteredUnder(next, timing.nowMs())),
    isFailing: () => watch.isFailing || watch.isRemoved,
    damage: () => damageOf(journal.damagedRecords),
    removal: () => (watch.isRemoved ? REMOVED : null),
    figures: figuresOf(journal, shipping, totals, watch, () => timing.nowMs()),
    stop: async (timeoutMs) => {
      clearInterval(looking);
      meter.close();
      await shipping.drain(timeoutMs);
      // A journal that was full has room for the gap now.
      meter.close();
      const shipped = await shipping.drain(GAP_AT_STOP_MS);
      if (!shipped) log.warn('not all usage could be shipped; the journal keeps it for the next start');
      await abandoned?.stop();
      await shipping.stop();
      await totals.stop();
      await journal.close();
      await window.close();
    },
  };
}

function meteredUnder(config: Config, nowMs: number): MeteringConfiguration {
  return { ...recordedConfiguration(config, sha256), version: VERSION, fromMs: nowMs };
}

function openWindow({ config, redisUrl, log }: MeteringOptions): WindowStore {
  const { bucketSeconds } = config;
  if (redisUrl === undefined) return memoryWindow({ bucketSeconds });
  return openRedisWindow({
    url: redisUrl,
    bucketSeconds,
    onError: (error) => log.debug({ err: error }, 'the connection to Redis has trouble'),
    onAdvice: (advice) => log.warn(advice),
  });
}
