/** Detects a collapse of the posts per response of a route and reports it in log, metrics and readiness. */

import type { AdminLog } from '../admin/port.ts';
import type { LabelledValue } from '../report/port.ts';
import type { CountingLedger } from '../report/routes/port.ts';
import {
  type CollapsedRoute,
  collapsedRoutes,
  explainCollapse,
  healthSpans,
} from '../report/routes/route-health.ts';

export class RouteWatch {
  readonly #ledger: CountingLedger;
  readonly #nowMs: () => number;
  readonly #log: Pick<AdminLog, 'info' | 'warn'>;
  #collapsed: readonly CollapsedRoute[] = [];

  constructor(ledger: CountingLedger, nowMs: () => number, log: Pick<AdminLog, 'info' | 'warn'>) {
    this.#ledger = ledger;
    this.#nowMs = nowMs;
    this.#log = log;
  }

  /** Reads the ledger and logs changes. Keeps the last result if the ledger cannot be read. Never rejects. */
  async look(): Promise<void> {
    const spans = healthSpans(this.#nowMs());
    let found: CollapsedRoute[];
    try {
      const week = await this.#ledger.report(spans.weekFromMs, spans.recentFromMs);
      const recent = await this.#ledger.report(spans.recentFromMs, spans.toMs);
      found = collapsedRoutes(week.routes, recent.routes);
    } catch {
      // The shipping of usage already reports that the ledger is unavailable.
      return;
    }
    const before = new Set(this.#collapsed.map(({ route }) => route));
    const now = new Set(found.map(({ route }) => route));
    for (const one of found) {
      if (!before.has(one.route))
        this.#log.warn({ ...one }, 'the posts per response of a route have collapsed');
    }
    for (const route of before) {
      if (!now.has(route)) this.#log.info({ route }, 'the posts per response of a route have recovered');
    }
    this.#collapsed = found;
  }

  /** Describes the collapsed routes in one line; null if there are none. */
  warning(): string | null {
    return this.#collapsed.length === 0 ? null : this.#collapsed.map(explainCollapse).join('; ');
  }

  /** Returns one gauge per collapsed route, labelled with the route. */
  collapsed(): readonly LabelledValue[] {
    return this.#collapsed.map(({ route }) => ({ labels: { route }, value: 1 }));
  }
}
