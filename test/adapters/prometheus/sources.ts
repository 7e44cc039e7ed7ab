/** Figures of every source of metrics, some of which a test can change. */

import type { MetricsSources } from '../../../src/report/port.ts';

export function sources() {
  const figures = {
    posts: 0,
    reads: 0,
    degraded: false,
    lastRunAtMs: null as number | null,
    outcome: 'forwarded',
  };
  const made: MetricsSources = {
    gateway: {
      requests: () => [
        { labels: { outcome: figures.outcome, status_class: '2xx' }, value: 7 },
        { labels: { outcome: 'refused', status_class: '4xx' }, value: 2 },
      ],
      askers: () => [{ labels: { class: 'ai_training', evidence: 'claim' }, value: 6 }],
      posts: () => {
        figures.reads++;
        return figures.posts;
      },
      bytes: () => 12_345,
      routeSums: () => [
        { route: '/a', outcome: 'counted', responses: 5, posts: 100, bytes: 7_000 },
        { route: '/a', outcome: 'empty', responses: 3, posts: 0, bytes: 60 },
        { route: '/a', outcome: 'checked', responses: 9, posts: 0, bytes: 0 },
        { route: '/a', outcome: 'differs', responses: 2, posts: 0, bytes: 0 },
        { route: '/a "b"\n\\', outcome: 'too_large', responses: 1, posts: 0, bytes: 5 },
      ],
      upstreamErrors: () => [{ labels: { code: 'connect_refused' }, value: 4 }],
      inFlight: () => 3,
      waiting: () => 2,
      aggregated: () => 11,
      overloaded: () => 12,
      droppedConnections: () => 13,
      latencies: () => ({
        added: { bounds: [0.001, 0.01], counts: [3, 1, 2], sum: 0.5 },
        upstream: { bounds: [0.001, 0.01], counts: [0, 0, 0], sum: 0 },
      }),
      signatures: {
        outcomes: () => [{ labels: { outcome: 'invalid', reason: 'expired' }, value: 15 }],
        repeatedNonces: () => 16,
        droppedDirectories: () => 17,
      },
    },
    journal: {
      unconfirmedRecords: () => 5,
      unconfirmedBytes: () => 600,
      lagSeconds: () => 1.5,
      failures: () => 0,
      damagedRecords: () => 14,
    },
    window: { degraded: () => figures.degraded },
    agents: { dropped: () => 17, failedLists: () => 18 },
    ledger: { batches: () => 9, failures: () => 1, rewinds: () => 2, reachable: () => true },
    billing: {
      leader: () => true,
      lastRunAtMs: () => figures.lastRunAtMs,
      lastRunSeconds: () => null,
      failures: () => 0,
      clientsOnHold: () => [{ labels: { code: 'batches_differ' }, value: 3 }],
      stopped: () => true,
    },
    clock: { skewSeconds: () => -1.5, flagged: () => true },
  };
  return { figures, made };
}
