/** Wires metering on Node. It starts and stops journal, window, totals, meter and shipping together. */

import { sha256 } from '../adapters/crypto/sha256.ts';
import { memoryWindow } from '../adapters/memory/window.ts';
import { openRedisWindow } from '../adapters/redis/window.ts';
import { canRefuse } from '../admit/admit.ts';
import { recordedConfiguration } from '../config/recorded.ts';
import type { Config } from '../config/schema.ts';
import type { Directory } from '../identify/directory.ts';
import type { DecidedUnder } from '../meter/chain/epochs.ts';
import { Meter } from '../meter/meter.ts';
import type { MeteringConfiguration, Timing, UsageLedger, WindowStore } from '../meter/port.ts';
import { startShipping } from '../meter/shipper.ts';
import { TotalsCache } from '../meter/totals/totals-cache.ts';
import type { Logger } from './logs/log.ts';
import { damageOf, figuresOf, type MeteringFigures, MeteringMonitor, REMOVED } from './metering-figures.ts';
import { type AbandonedJournals, followAbandonedJournals, openOwnJournal } from './stores/journals.ts';
import { StoreTrouble } from './stores/store-trouble.ts';
import { VERSION } from './version.ts';

export interface MeteringOptions {
  readonly config: Config;
  readonly dataDir: string;
  readonly redisUrl: string | undefined;
  readonly ledger: UsageLedger;
  readonly directory: () => Directory;
  readonly timing: Timing;
  /** By which policy and registry requests are decided now; null before the first policy. */
  readonly decidedUnder: () => DecidedUnder | null;
  /** Called before metering starts with the time of the last usage of an earlier process, in epoch milliseconds. */
  readonly onResumed: (lastUsageMs: number) => void;
  readonly log: Logger;
}

export interface Metering {
  readonly meter: Meter;
  readonly totals: TotalsCache;
  /** Records that usage is metered under `config` from now on. */
  useConfig(config: Config): void;
  /** True if the last attempt to write usage failed. */
  readonly isFailing: () => boolean;
  /** Describes what the disk has lost of the journal; null if it has lost nothing. */
  readonly damage: () => string | null;
  /** Describes that the journal's files were removed from DATA_DIR; null if they are present. */
  readonly removal: () => string | null;
  readonly figures: MeteringFigures;
  /** The directory has changed, so posts may have moved between clients. */
  readonly directoryChanged: () => void;
  /** Ships the remaining usage for at most `timeoutMs`, then closes everything. The rest stays in the journal. */
  stop(timeoutMs: number): Promise<void>;
}

/** Each batch is a link in the ledger's chain and is kept permanently: at most 86,400 a day per gateway. */
const LEDGER_FLUSH_MS = 1_000;
/** If a store is unreachable at startup, continue after this long: the platform must not wait for our stores. */
const SHIP_AT_START_MS = 2_000;
/** Time for the one record of a gap. */
const GAP_AT_STOP_MS = 1_000;
/** Interval between attempts to write to a journal that refuses writes. */
const PROBE_MS = 1_000;
/** Interval of the checks whether the journal's files still exist and whether a store is reachable again. */
const LOOK_EVERY_MS = 1_000;

export async function startMetering(options: MeteringOptions): Promise<Metering> {
  const { config, directory, log, ledger, timing } = options;
  const { bucketSeconds } = config;
  const journals = { dataDir: options.dataDir, settings: config.journal, log };
  const journal = openOwnJournal(journals);
  const lastUsageMs = journal.lastUsageMs();
  if (lastUsageMs !== null) options.onResumed(lastUsageMs);
  const window = openWindow(options);
  const windowMsOf = (clientId: string) => directory().windowMsOf(clientId, timing.nowMs());
  const totals = new TotalsCache({
    window,
    windowMsOf,
    limitOf: (clientId) => {
      const tariff = directory().tariffOf(clientId, timing.nowMs());
      return tariff.kind === 'damages' && canRefuse(tariff) ? tariff.threshold : Number.POSITIVE_INFINITY;
    },
    timing,
    bucketSeconds,
    firstWaitMs: config.admit.firstRequestWaitMs,
    onError: (error) => log.debug({ err: error }, 'totals cannot be read'),
  });
  const watch = new MeteringMonitor();
  const trouble = new StoreTrouble(log, () => timing.monotonicMs());
  let abandoned: AbandonedJournals | undefined;
  const shipping = startShipping({
    journal,
    ledger: watch.instrumentLedger(ledger),
    window,
    totals,
    timing,
    windowMsOf,
    longestWindowMs: directory().longestWindowMs,
    ledgerFlushMs: LEDGER_FLUSH_MS,
    onRewind: (rewind) => {
      watch.rewinds++;
      abandoned?.look();
      log.error(rewind, 'the ledger lost records that it had confirmed; the journal ships them again');
    },
    onError: (target, error) => {
      if (target === 'ledger') watch.ledgerFailures++;
      trouble.failed(target, error);
    },
  });
  totals.start();
  // Ship the usage of the last process and rebuild a lost window before any client is judged by its total.
  await shipping.drain(SHIP_AT_START_MS);
  abandoned = followAbandonedJournals(journals, ledger);
  const meter = new Meter({
    journal,
    configuration: meteredUnder(config, timing.nowMs()),
    decidedUnder: options.decidedUnder,
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
    directoryChanged: () => shipping.checkMoves(),
    figures: figuresOf(journal, shipping, totals, watch, () => timing.nowMs()),
    stop: async (timeoutMs) => {
      clearInterval(looking);
      meter.close();
      await shipping.drain(timeoutMs);
      // A journal that was full now has room for the gap.
      meter.close();
      const shipped = await shipping.drain(GAP_AT_STOP_MS);
      if (!shipped) log.warn('some usage could not be shipped; the journal keeps it for the next start');
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
    onError: (error) => log.debug({ err: error }, 'the connection to Redis failed'),
    onAdvice: (advice) => log.warn(advice),
  });
}
