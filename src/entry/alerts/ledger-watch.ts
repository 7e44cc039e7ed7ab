/** Looks at the ledger for events that arise without a write of their own, and for what is no longer kept. */

import type { LedgerDb } from '../../adapters/postgres/connection/db.ts';
import { deleteOldEvents } from '../../adapters/postgres/notify/log.ts';
import { watchLevels, watchReadyDrafts, writeConditions } from '../../adapters/postgres/notify/watch.ts';
import type { BillingRules } from '../../invoice/port.ts';
import { type ConditionState, observe, SOUND } from '../../notify/condition.ts';
import type { NewEvent } from '../../notify/event.ts';
import { type CountsLook, lastMinutes, withLook } from '../../notify/last-minutes.ts';
import { ROUTE_CONDITIONS, raisedRoutes, routeEvent } from '../../notify/route-conditions.ts';
import type { CountingLedger } from '../../report/routes/port.ts';
import { healthSpans } from '../../report/routes/route-health.ts';

export interface LedgerWatchOptions {
  readonly db: LedgerDb;
  readonly counting: CountingLedger;
  readonly rules: BillingRules;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
}

/** All clients, drafts and routes are looked at this often; clients with recent usage at every look. */
const FULL_EVERY_MS = 60_000;
const DELETE_EVERY_MS = 3_600_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export class LedgerWatch {
  readonly #options: LedgerWatchOptions;
  /** By type and subject of the event that begins the condition. */
  #routes = new Map<string, { readonly event: NewEvent; readonly state: ConditionState }>();
  #looks: CountsLook[] = [];
  #fullAtMs = 0;
  #deletedAtMs = 0;

  constructor(options: LedgerWatchOptions) {
    this.#options = options;
  }

  /** Rejects if the ledger is unreachable. */
  async look(): Promise<void> {
    const { db, rules, nowMs } = this.#options;
    const isFull = nowMs() - this.#fullAtMs >= FULL_EVERY_MS;
    await watchLevels(db, isFull ? 'all' : 'recent', nowMs(), rules.bucketSeconds);
    if (!isFull) return;
    await watchReadyDrafts(db, nowMs(), rules.latenessMs);
    await this.#lookAtRoutes();
    if (nowMs() - this.#deletedAtMs >= DELETE_EVERY_MS) {
      await deleteOldEvents(db);
      this.#deletedAtMs = nowMs();
    }
    this.#fullAtMs = nowMs();
  }

  /** A condition that is not reported yet must last; the end of a reported one too. */
  async #lookAtRoutes(): Promise<void> {
    const { db, counting, nowMs } = this.#options;
    const { weekFromMs, recentFromMs, toMs } = healthSpans(nowMs());
    const currentMs = recentFromMs + HOUR_MS;
    const [week, day, previous, current] = await Promise.all([
      counting.report(weekFromMs, recentFromMs),
      counting.report(recentFromMs - DAY_MS, recentFromMs),
      counting.report(recentFromMs, currentMs),
      counting.report(currentMs, toMs),
    ]);
    const hours = [
      { hourMs: recentFromMs, routes: previous.routes },
      { hourMs: currentMs, routes: current.routes },
    ];
    this.#looks = withLook(this.#looks, { atMs: nowMs(), hours });
    const recent = hours.flatMap(({ routes }) => routes);
    const minutes = lastMinutes(this.#looks) ?? recent;
    const spans = { week: week.routes, day: day.routes, recent, minutes };
    const found = new Map(
      raisedRoutes(spans, nowMs()).map((event) => [`${event.type} ${event.subject}`, event]),
    );
    const known = new Map(this.#routes);
    for (const [key, event] of found) {
      const { state } = observe(known.get(key)?.state ?? SOUND, true, nowMs());
      this.#routes.set(key, { event, state });
    }
    for (const [key, { event, state: before }] of known) {
      if (found.has(key)) continue;
      const { state } = observe(before, false, nowMs());
      if (state.isRaised) this.#routes.set(key, { event, state });
      else this.#routes.delete(key);
    }
    const raised = [...this.#routes.values()].filter(({ state }) => state.isRaised).map(({ event }) => event);
    const ended = (type: string, subject: string) =>
      routeEvent(type, subject.slice('routes/'.length), nowMs());
    await writeConditions(db, ROUTE_CONDITIONS, raised, ended);
  }
}
