import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../../src/adapters/prometheus/metrics.ts';
import { sources } from './sources.ts';

describe('createMetrics', () => {
  test('shows the current figures as Prometheus text, in base units', async () => {
    const { figures, made } = sources();
    const metrics = createMetrics(made, { version: '1.2.3' });
    figures.posts = 100;
    figures.lastRunAtMs = 1_772_323_200_500;
    const { text, contentType } = await metrics.render('');
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const line of [
      '# TYPE postmeter_posts_total counter',
      'postmeter_posts_total 100',
      'postmeter_requests_total{outcome="forwarded",status_class="2xx"} 7',
      'postmeter_requests_total{outcome="refused",status_class="4xx"} 2',
      'postmeter_asker_requests_total{class="ai_training",evidence="claim"} 6',
      'postmeter_response_body_bytes_total 12345',
      String.raw`postmeter_uncounted_responses_total{route="/a \"b\"\n\\",reason="too_large"} 1`,
      'postmeter_upstream_errors_total{code="connect_refused"} 4',
      '# TYPE postmeter_requests_in_flight gauge',
      'postmeter_signatures_total{outcome="invalid",reason="expired"} 15',
      'postmeter_signature_nonces_repeated_total 16',
      'postmeter_signature_directories_dropped_total 17',
      'postmeter_agent_checks_dropped_total 17',
      'postmeter_agent_lists_failed 18',
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
      'postmeter_ledger_rewinds_total 2',
      'postmeter_clients_on_hold{code="batches_differ"} 3',
      'postmeter_billing_stopped 1',
      'postmeter_billing_last_run_timestamp_seconds 1772323200.5',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).toMatch(/^process_cpu_seconds_total \d/m);
    expect(text).not.toContain('postmeter_process_');
    for (const line of [
      'postmeter_build_info{version="1.2.3"} 1',
      'postmeter_route_responses_total{route="/a",outcome="empty"} 3',
      'postmeter_route_posts_total{route="/a"} 100',
      'postmeter_route_response_body_bytes_total{route="/a"} 7060',
      '# TYPE postmeter_added_latency_seconds histogram',
      'postmeter_added_latency_seconds_bucket{le="0.001"} 3',
      'postmeter_added_latency_seconds_bucket{le="0.01"} 4',
      'postmeter_added_latency_seconds_bucket{le="+Inf"} 6',
      'postmeter_added_latency_seconds_sum 0.5',
      'postmeter_added_latency_seconds_count 6',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  test('follows the figures between scrapes, and drops labels that no longer exist', async () => {
    const { figures, made } = sources();
    const metrics = createMetrics(made, { version: '1.2.3' });
    figures.posts = 10;
    await metrics.render('');
    figures.posts = 11;
    figures.degraded = true;
    figures.outcome = 'failed';
    const { text } = await metrics.render('');
    expect(text).toMatch(/^postmeter_posts_total 11$/m);
    expect(text).toMatch(/^postmeter_window_store_degraded 1$/m);
    expect(text).toContain('outcome="failed"');
    expect(text).not.toContain('outcome="forwarded"');
  });

  test('reads nothing before a scrape', async () => {
    const { figures, made } = sources();
    const metrics = createMetrics(made, { version: '1.2.3' });
    expect(figures.reads).toBe(0);
    await metrics.render('');
    expect(figures.reads).toBe(1);
  });

  test('shows only the known parts, and omits the process if there is none', async () => {
    const { billing } = sources().made;
    const { text } = await createMetrics(
      { ...(billing && { billing }) },
      { version: '1.2.3', withProcess: false },
    ).render('');
    const names = text.split('\n').flatMap((line) => /^(postmeter_[a-z]+)_/.exec(line)?.[1] ?? []);
    expect(new Set(names)).toEqual(new Set(['postmeter_billing', 'postmeter_build', 'postmeter_clients']));
  });

  test('is in OpenMetrics on request, and otherwise in the other format', async () => {
    const metrics = createMetrics(sources().made, { version: '1.2.3' });
    const [open, plain] = await Promise.all([
      metrics.render('application/openmetrics-text;version=1.0.0,text/plain;q=0.5'),
      metrics.render('text/plain'),
    ]);
    expect(open.contentType).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
    expect(open.text).toMatch(/^# TYPE postmeter_requests counter$/m);
    expect(open.text).toMatch(/^postmeter_requests_total\{/m);
    expect(open.text).toMatch(/# EOF\n?$/);
    expect(plain.text).toMatch(/^# TYPE postmeter_requests_total counter$/m);
    expect(plain.text).not.toContain('# EOF');
  });

  const isLintable = spawnSync('promtool', ['--version']).status === 0;
  test.runIf(isLintable)('promtool check metrics reports nothing', async () => {
    const { text } = await createMetrics(sources().made, { version: '1.2.3' }).render('');
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text });
    expect([String(stdout), String(stderr), status]).toEqual(['', '', 0]);
  });
});

test('the lag of the event loop is the time above its sampling interval', async () => {
  const page = createMetrics({}, { version: '1.2.3' });
  const lag = async (): Promise<number> =>
    Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec((await page.render('')).text)?.[1]);
  await sleep(600);
  const until = performance.now() + 900;
  while (performance.now() < until);
  await sleep(600);
  expect(await lag()).toBeGreaterThan(0.2);
  // A scrape starts a new maximum.
  expect(await lag()).toBe(0);
});
