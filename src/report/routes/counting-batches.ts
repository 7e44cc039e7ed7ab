/**
 * Batches this process's counts for the ledger: additions by hour, in numbered batches. A batch does not change
 * until the ledger has confirmed it, so that a repetition is recognised.
 */

import type { CallerDay, TraitSums } from '../../callers/port.ts';
import type { ExposureHour, ExposureSums } from '../askers/port.ts';
import type { CountingBatch, CountingHour, PathSums, RouteSums } from './port.ts';

const HOUR_MS = 3_600_000;
/** Hours kept while the ledger is unavailable. The oldest is dropped first. */
const MAX_HOURS = 31 * 24;
/** Path shapes kept per hour. */
const MAX_PATHS = 100;
/** Hours per batch. */
const MAX_BATCH_HOURS = 24;
const DAY_MS = 24 * HOUR_MS;
/** Traits of callers are written less often than counts, because there may be thousands of rows. */
const CALLERS_EVERY_MS = 60_000;
/** Rows of traits kept while the ledger is unavailable. Further ones are dropped. */
const MAX_CALLER_ROWS = 50_000;
/** Rows of exposure kept while the ledger is unavailable. Further ones are dropped. */
const MAX_EXPOSURE_ROWS = 50_000;
/** Rows of exposure per batch. */
const MAX_BATCH_EXPOSURE_ROWS = 2_000;
/** Rows of traits per batch. The embedded ledger takes some 0.1 s for them. */
const MAX_BATCH_CALLER_ROWS = 2_000;

interface Hour {
  lastMs: number;
  readonly routes: Map<string, RouteSums>;
  readonly paths: Map<string, PathSums>;
}

export interface CountingSource {
  takeRoutes(): readonly RouteSums[];
  takePaths(): readonly PathSums[];
  /** @param isEndOfDay true if the counts of the day are complete. */
  takeCallers(isEndOfDay: boolean): readonly TraitSums[];
  /** @param isEndOfHour true if the counts of the hour are complete. */
  takeExposure(isEndOfHour: boolean): readonly ExposureSums[];
}

export class CountingBatches {
  readonly #source: string;
  readonly #counts: CountingSource;
  readonly #hours = new Map<number, Hour>();
  #offered: CountingBatch | null = null;
  #sequence = 0;
  /** Start of the current interval: the time of the last take. */
  #takenMs: number;
  /** Additions of callers' traits by day, caller, trait and value. */
  readonly #callers = new Map<string, CallerDay>();
  #callersTakenMs: number;
  /** Additions of exposure, in the order in which they were taken. */
  #exposures: Array<{ readonly hourMs: number; readonly sums: ExposureSums }> = [];

  /** @param source an id unique to this process or isolate. @param nowMs epoch milliseconds. */
  constructor(source: string, counts: CountingSource, nowMs: number) {
    this.#source = source;
    this.#counts = counts;
    this.#takenMs = nowMs;
    this.#callersTakenMs = nowMs;
  }

  /** Takes the counts since the last call. They belong to the hour in which that interval began. */
  gather(nowMs: number): void {
    this.#gatherCallers(nowMs);
    const hourMs = Math.floor(this.#takenMs / HOUR_MS) * HOUR_MS;
    this.#takenMs = nowMs;
    this.#gatherExposure(hourMs, nowMs >= hourMs + HOUR_MS);
    const routes = this.#counts.takeRoutes();
    const paths = this.#counts.takePaths();
    if (routes.length === 0) return;
    const hour = this.#hour(hourMs);
    hour.lastMs = nowMs;
    for (const sums of routes) addRoute(hour.routes, sums);
    for (const sums of paths) addPath(hour.paths, sums);
  }

  /** Returns the batch to send until `confirmed` is called; null if there is nothing to send. */
  next(): CountingBatch | null {
    const rows = this.#hours.size + this.#callers.size + this.#exposures.length;
    if (this.#offered !== null || rows === 0) return this.#offered;
    const hours = [...this.#hours].slice(0, MAX_BATCH_HOURS);
    for (const [hourMs] of hours) this.#hours.delete(hourMs);
    const callers = [...this.#callers].slice(0, MAX_BATCH_CALLER_ROWS);
    for (const [key] of callers) this.#callers.delete(key);
    this.#sequence++;
    this.#offered = {
      ...{ source: this.#source, sequence: this.#sequence },
      hours: hours.map(frozen),
      callers: callers.map(([, sums]) => sums),
      exposures: byHour(this.#exposures.splice(0, MAX_BATCH_EXPOSURE_ROWS)),
    };
    return this.#offered;
  }

  /** Reports that the ledger has stored this batch. */
  confirmed(batch: CountingBatch): void {
    if (this.#offered === batch) this.#offered = null;
  }

  #gatherCallers(nowMs: number): void {
    const dayMs = Math.floor(this.#callersTakenMs / DAY_MS) * DAY_MS;
    const isEndOfDay = nowMs >= dayMs + DAY_MS;
    if (!isEndOfDay && nowMs - this.#callersTakenMs < CALLERS_EVERY_MS) return;
    this.#callersTakenMs = nowMs;
    for (const sums of this.#counts.takeCallers(isEndOfDay)) {
      const key = JSON.stringify([dayMs, sums.clientId, sums.trait, sums.value]);
      const before = this.#callers.get(key);
      if (before === undefined && this.#callers.size >= MAX_CALLER_ROWS) continue;
      const { requests, posts } = before ?? { requests: 0, posts: 0 };
      this.#callers.set(key, {
        ...sums,
        dayMs,
        requests: requests + sums.requests,
        posts: posts + sums.posts,
      });
    }
  }

  #gatherExposure(hourMs: number, isEndOfHour: boolean): void {
    const room = MAX_EXPOSURE_ROWS - this.#exposures.length;
    const taken = this.#counts.takeExposure(isEndOfHour).slice(0, room);
    for (const sums of taken) this.#exposures.push({ hourMs, sums });
  }

  #hour(hourMs: number): Hour {
    let hour = this.#hours.get(hourMs);
    if (hour === undefined) {
      hour = { lastMs: 0, routes: new Map(), paths: new Map() };
      this.#hours.set(hourMs, hour);
      if (this.#hours.size > MAX_HOURS) this.#hours.delete(this.#hours.keys().next().value!);
    }
    return hour;
  }
}

function addRoute(routes: Map<string, RouteSums>, sums: RouteSums): void {
  const key = `${sums.outcome} ${sums.route}`;
  const before = routes.get(key);
  if (before === undefined) routes.set(key, sums);
  else {
    const { responses, posts, bytes } = sums;
    routes.set(key, {
      ...sums,
      responses: before.responses + responses,
      posts: before.posts + posts,
      bytes: before.bytes + bytes,
    });
  }
}

function addPath(paths: Map<string, PathSums>, sums: PathSums): void {
  const before = paths.get(sums.path) ?? { responses: 0, bytes: 0 };
  paths.set(sums.path, {
    path: sums.path,
    responses: before.responses + sums.responses,
    bytes: before.bytes + sums.bytes,
  });
  if (paths.size <= MAX_PATHS) return;
  let least = sums;
  for (const path of paths.values()) if (path.responses < least.responses) least = path;
  paths.delete(least.path);
}

function byHour(
  rows: ReadonlyArray<{ readonly hourMs: number; readonly sums: ExposureSums }>,
): ExposureHour[] {
  const hours = new Set(rows.map(({ hourMs }) => hourMs));
  return Array.from(hours, (hourMs) => ({
    hourMs,
    sums: rows.filter((row) => row.hourMs === hourMs).map(({ sums }) => sums),
  }));
}

function frozen([hourMs, { lastMs, routes, paths }]: [number, Hour]): CountingHour {
  return { hourMs, lastMs, routes: [...routes.values()], paths: [...paths.values()] };
}
