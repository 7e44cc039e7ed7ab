/**
 * A gateway on a machine of its own: the real journal, meter, shipping, totals and clock, wired as in
 * src/entry/metering.ts. It is killed, loses power, stops, and starts again in its folder.
 */

import { FileJournal } from '../../src/adapters/node/journal/journal.ts';
import { MeterClock } from '../../src/meter/clock/clock.ts';
import { followClock } from '../../src/meter/clock/clock-follower.ts';
import { Meter } from '../../src/meter/meter.ts';
import type { Timing } from '../../src/meter/port.ts';
import { type Shipping, startShipping } from '../../src/meter/shipper.ts';
import { TotalsCache } from '../../src/meter/totals/totals-cache.ts';
import { bucketOf, type Usage } from '../../src/meter/usage.ts';
import { SimulatedDisk, SimulatedPlatter } from './disk.ts';
import { JournalHistory, WitnessedJournal } from './journal-witness.ts';
import { SimulatedProcess } from './process.ts';
import { expect } from './violation.ts';
import type { World } from './world.ts';

export const WINDOW_MS = 300_000;
const BUCKET_SECONDS = 60;
/** Settings of its gateway that a process may lack. */
export interface GatewaySettings {
  readonly maxBytes: number;
  readonly segmentBytes: number;
  readonly syncIntervalMs: number | 'every';
  readonly recordsInMemory: number;
  readonly onJournalFailure: 'serve' | 'refuse';
  readonly windowFlushMs: number;
  readonly ledgerFlushMs: number;
}

interface Running {
  readonly process: SimulatedProcess;
  readonly journal: WitnessedJournal;
  readonly clock: MeterClock;
  /** Absent until it serves. */
  serving?: {
    readonly meter: Meter;
    readonly totals: TotalsCache;
    readonly shipping: Shipping;
    stop(): Promise<boolean>;
  };
}

/** One response: the data that the origin sends, in a number of posts. */
export interface Served {
  readonly clientId: string;
  readonly identifierId: string;
  readonly posts: number;
}

export class Gateway {
  readonly name: string;
  readonly history = new JournalHistory();
  readonly platter = new SimulatedPlatter();
  readonly #world: World;
  readonly #settings: GatewaySettings;
  /** Offset of the machine's clock from the true time. */
  clockOffMs = 0;
  #running: Running | null = null;

  constructor(name: string, world: World, settings: GatewaySettings) {
    this.name = name;
    this.#world = world;
    this.#settings = settings;
  }

  get isUp(): boolean {
    return this.#running !== null;
  }

  get isServing(): boolean {
    return this.#running?.serving !== undefined;
  }

  /** If a folder cannot be opened now, the process supervisor tries again. */
  start(): void {
    expect(this.#running === null, 'two processes in one folder');
    const { scheduler, tally } = this.#world;
    // A process knows what a failed sync dropped only if the previous process could record it.
    if (!this.platter.names.has(`/${this.name}/mend.wanted`)) this.platter.forgive();
    const process = new SimulatedProcess(this.name, scheduler, this.#world.random);
    const clock = new MeterClock({
      wallMs: () => scheduler.nowMs + this.clockOffMs,
      monotonicMs: () => process.monotonicMs(),
      hasArbiter: true,
    });
    try {
      const journal = this.#openJournal(process);
      this.#running = { process, journal, clock };
      scheduler.tell(`${this.name}: started, journal at ${journal.lastSequence}`);
    } catch (error) {
      if (!process.alive) return;
      tally.count('gateway: could not open its journal');
      scheduler.tell(`${this.name}: ${String(error)}`);
      return;
    }
    this.#serve(this.#running).catch((error: unknown) => {
      scheduler.fault ??= error;
    });
  }

  #openJournal(process: SimulatedProcess): WitnessedJournal {
    const { scheduler, tally, oracle } = this.#world;
    const { platter, history } = this;
    const journal = new FileJournal({
      ...this.#settings,
      folder: `/${this.name}`,
      disk: new SimulatedDisk({
        platter,
        process,
        random: this.#world.random,
        tally,
        nowMs: () => scheduler.nowMs + this.clockOffMs,
        onCrash: () => (this.#world.random.chance(0.5) ? this.losePower(process) : this.kill(process)),
      }),
      lock: () => () => {},
      everyMs: (ms, run) => process.everyMs(ms, run),
      nowMs: () => scheduler.nowMs + this.clockOffMs,
      newId: () => this.#world.newId(),
      onTornTail: (tail) => {
        tally.count('journal: torn tail cut');
        scheduler.tell(`${this.name}: cut ${tail.bytes} bytes after ${tail.afterSequence}`);
      },
      onDamage: (damage) => {
        tally.count('journal: damage passed over');
        scheduler.tell(`${this.name}: damage ${damage.firstSequence}-${damage.lastSequence}`);
      },
      onError: (error) => scheduler.tell(`${this.name}: ${error.message}`),
    });
    history.opened(journal.id, journal.lastSequence, platter.files());
    return new WitnessedJournal({
      journal,
      history,
      isAlive: () => process.alive,
      files: () => platter.files(),
      durableFiles: () => platter.durableFiles(),
      onViolation: (violation) => {
        scheduler.fault ??= violation;
      },
      onRefused: (usage) => this.#settings.onJournalFailure === 'serve' && oracle.unmetered(usage),
    });
  }

  async #serve(running: Running): Promise<void> {
    const { process, journal, clock } = running;
    const { scheduler, ledger, window } = this.#world;
    const timing: Timing = {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => process.monotonicMs(),
      sleep: (ms, signal) => process.sleep(ms, signal),
      random: () => this.#world.random.next(),
    };
    const usage = ledger.usageFor(process);
    const store = window.storeFor(process);
    const slowly = { ...timing, sleep: (ms: number, signal: AbortSignal) => process.sleep(ms * 25, signal) };
    const onError = () => {};
    const following = await followClock({ clock, ledger: usage, timing: slowly, onError });
    const totals = new TotalsCache({
      window: store,
      windowMsOf: () => WINDOW_MS,
      timing,
      bucketSeconds: BUCKET_SECONDS,
      maxClients: 100,
      refreshMs: 30_000,
      onError,
    });
    const shipping = startShipping({
      journal,
      ledger: usage,
      window: store,
      totals,
      timing,
      windowMsOf: () => WINDOW_MS,
      longestWindowMs: WINDOW_MS,
      windowFlushMs: this.#settings.windowFlushMs,
      ledgerFlushMs: this.#settings.ledgerFlushMs,
      heldRecords: 10,
      onRewind: ({ had, has }) => {
        this.#world.tally.count('shipping: rewound ledger seen');
        scheduler.tell(`${this.name}: ledger had ${had}, has ${has}`);
      },
      onError: (target, error) => scheduler.tell(`${this.name}: ${target}: ${error.message}`),
    });
    totals.start();
    const meter = new Meter({
      journal,
      endOfTurn: (run) => process.later(0, run),
      onJournalFailure: this.#settings.onJournalFailure,
      onWritten: (written) => totals.bump(written),
      onGap: (error) => scheduler.tell(`${this.name}: gap: ${error.message}`),
      later: (run) => process.later(5_000, run),
      nowMs: () => clock.nowMs(),
    });
    running.serving = {
      meter,
      totals,
      shipping,
      stop: async () => {
        meter.close();
        await shipping.drain(120_000);
        meter.close();
        const shipped = await shipping.drain(30_000);
        await following.stop();
        await shipping.stop();
        await totals.stop();
        await journal.close();
        return shipped;
      },
    };
  }

  /** Sends the origin's response to the client, which has all of it once the meter releases the last chunk. */
  serve({ clientId, identifierId, posts }: Served): void {
    const running = this.#running;
    if (running?.serving === undefined) return;
    const { oracle, tally } = this.#world;
    const bucketMs = bucketOf(running.clock.nowMs(), BUCKET_SECONDS);
    const rest = { requests: 1, refused: 0, bytes: posts * 600, uncounted: 0 };
    const usage: Usage = { clientId, identifierId, bucketMs, posts, ...rest };
    oracle.sent(usage);
    running.serving.meter.record(usage, (deliver) => {
      if (!running.process.alive) return;
      tally.count(deliver ? 'response delivered whole' : 'response broken off');
      if (deliver) oracle.received(usage);
    });
  }

  kill(process = this.#running?.process): void {
    if (process === undefined) return;
    process.die();
    this.#running = null;
    this.#world.deaths++;
    this.#world.tally.count('gateway: killed');
    this.#world.scheduler.tell(`${this.name}: killed`);
  }

  losePower(process = this.#running?.process): void {
    process?.die();
    this.#running = null;
    this.#world.deaths++;
    const before = [...this.platter.files()];
    this.platter.losePower(this.#world.random);
    const lost = this.history.powerLost(before, this.platter.files());
    this.#world.tally.count(`gateway: lost power${lost > 0 ? ', and records with it' : ''}`);
    this.#world.scheduler.tell(`${this.name}: lost power, and ${lost} records`);
  }

  /** True if everything was shipped before the end. */
  async stop(): Promise<boolean> {
    const running = this.#running;
    if (running?.serving === undefined) return false;
    const { serving } = running;
    delete running.serving;
    this.#world.tally.count('gateway: stopped');
    // A gap that the disk does not accept is lost with its process.
    if (!this.platter.isSound) this.#world.deaths++;
    const { lastSequence } = running.journal;
    this.#world.scheduler.tell(`${this.name}: stops, journal at ${lastSequence}`);
    const shipped = await serving.stop().catch((error: unknown) => {
      this.#world.scheduler.tell(`${this.name}: ${String(error)}`);
      return false;
    });
    // A journal that is full of unshipped records has no room for it either.
    if (!shipped && this.#world.mayGiveWay) this.#world.deaths++;
    this.#running = null;
    running.process.die();
    this.#world.scheduler.tell(`${this.name}: has stopped, ${shipped ? 'all' : 'not all'} shipped`);
    return shipped;
  }

  /** Totals as this gateway reports them. */
  total(clientId: string) {
    const running = this.#running;
    return running?.serving?.totals.total(clientId, running.clock.nowMs());
  }
}
