import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../../src/adapters/node/metrics.ts';
import type { MetricsSources } from '../../../src/report/port.ts';

function sources() {
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
    },
    journal: {
      unconfirmedRecords: () => 5,
      unconfirmedBytes: () => 600,
      lagSeconds: () => 1.5,
      failures: () => 0,
      damagedRecords: () => 14,
    },
    window: { degraded: () => figures.degraded },
    ledger: { batches: () => 9, failures: () => 1, setbacks: () => 2, reachable: () => true },
    billing: {
      leader: () => true,
      lastRunAtMs: () => figures.lastRunAtMs,
      lastRunSeconds: () => null,
      failures: () => 0,
      parkedClients: () => [{ labels: { code: 'batches_differ' }, value: 3 }],
      stopped: () => true,
    },
    clock: { skewSeconds: () => -1.5, flagged: () => true },
  };
  return { figures, made };
}

describe('createMetrics', () => {
  test('shows the figures of the moment in Prometheus text, in base units', async () => {
    const { figures, made } = sources();
    const metrics = createMetrics(made);
    expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    figures.posts = 100;
    figures.lastRunAtMs = 1_772_323_200_500;
    const text = await metrics.render();
    for (const line of [
      '# TYPE postmeter_posts_total counter',
      'postmeter_posts_total 100',
      'postmeter_requests_total{outcome="forwarded",status_class="2xx"} 7',
      'postmeter_requests_total{outcome="refused",status_class="4xx"} 2',
      'postmeter_response_body_bytes_total 12345',
      String.raw`postmeter_uncounted_responses_total{route="/a \"b\"\n\\",reason="too_large"} 1`,
      'postmeter_upstream_errors_total{code="connect_refused"} 4',
      '# TYPE postmeter_requests_in_flight gauge',
      'postmeter_count_checks_total 9',
      'postmeter_count_differences_total{route="/a"} 2',
      'postmeter_requests_in_flight 3',
      'postmeter_upstream_waiting_requests 2',
      'postmeter_requests_aggregated_total 11',
      'postmeter_requests_overloaded_total 12',
      'postmeter_connections_dropped_total 13',
      'postmeter_journal_lag_seconds 1.5',
      '# TYPE postmeter_journal_damaged_records gauge',
      'postmeter_journal_damaged_records 14',
      'postmeter_window_store_degraded 0',
      'postmeter_clock_skew_seconds -1.5',
      'postmeter_clock_flagged 1',
      'postmeter_ledger_reachable 1',
      'postmeter_ledger_setbacks_total 2',
      'postmeter_parked_clients{code="batches_differ"} 3',
      'postmeter_billing_stopped 1',
      'postmeter_billing_last_run_timestamp_seconds 1772323200.5',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).toMatch(/^postmeter_process_cpu_seconds_total \d/m);
    expect(text.match(/^[a-z_]+(?=[ {])/gm)?.every((name) => name.startsWith('postmeter_'))).toBe(true);
  });

  test('follows the figures from scrape to scrape, and forgets labels that went', async () => {
    const { figures, made } = sources();
    const metrics = createMetrics(made);
    figures.posts = 10;
    await metrics.render();
    figures.posts = 11;
    figures.degraded = true;
    figures.outcome = 'failed';
    const text = await metrics.render();
    expect(text).toMatch(/^postmeter_posts_total 11$/m);
    expect(text).toMatch(/^postmeter_window_store_degraded 1$/m);
    expect(text).toContain('outcome="failed"');
    expect(text).not.toContain('outcome="forwarded"');
  });

  test('reads nothing until somebody scrapes', async () => {
    const { figures, made } = sources();
    const metrics = createMetrics(made);
    expect(figures.reads).toBe(0);
    await metrics.render();
    expect(figures.reads).toBe(1);
  });

  test('tells of the parts that are known alone, without a process where there is none', async () => {
    const { billing } = sources().made;
    const text = await createMetrics({ ...(billing && { billing }) }, { withProcess: false }).render();
    const names = text.split('\n').flatMap((line) => /^(postmeter_[a-z]+)_/.exec(line)?.[1] ?? []);
    expect(new Set(names)).toEqual(new Set(['postmeter_billing', 'postmeter_parked']));
  });
});
