/**
 * Metrics for Prometheus. The gateway counts in plain variables; they are read when a scrape asks, so that a request
 * costs nothing here.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  type Metric,
  Registry,
  type RegistryContentType,
} from 'prom-client';
import type { HistogramFigures } from '../../report/histogram.ts';
import type {
  AgentFigures,
  BillingFigures,
  ClockFigures,
  GatewayFigures,
  JournalFigures,
  LabelledValue,
  LedgerFigures,
  MetricsPage,
  MetricsSources,
  RightsFigures,
  RouteHealthFigures,
  WindowFigures,
} from '../../report/port.ts';
import type { CountingOutcome, RouteSums } from '../../report/routes/port.ts';
import { isUncounted } from '../../report/routes/route-view.ts';

export interface MetricsOptions {
  /** Of this software, for `postmeter_build_info`. */
  readonly version: string;
  /** Whether the runtime tells of its process: memory, processor, event loop. Default true; workerd has none of it. */
  readonly withProcess?: boolean;
}

/**
 * The standard metrics of a process under their usual names, and ours as `postmeter_...`. Each format has a registry of
 * its own, because the library renames counters for good when it writes OpenMetrics.
 */
export function createMetrics(sources: MetricsSources, options: MetricsOptions): MetricsPage {
  const plain = registryOf(sources, options);
  let openMetrics: Registry | undefined;
  return {
    render: async (accept) => {
      let registry = plain;
      if (accept.includes('application/openmetrics-text')) {
        openMetrics ??= registryOf(sources, options);
        (openMetrics as Registry<RegistryContentType>).setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
        registry = openMetrics;
      }
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function registryOf(sources: MetricsSources, options: MetricsOptions): Registry {
  const { gateway, journal, window, ledger, billing, clock, routes, rights, agents } = sources;
  const registry = new Registry();
  if (options.withProcess ?? true) processMetrics(registry);
  buildInfo(registry, options.version);
  if (gateway) gatewayMetrics(registry, gateway);
  if (journal) journalMetrics(registry, journal);
  if (window) windowMetrics(registry, window);
  if (ledger) ledgerMetrics(registry, ledger);
  if (billing) billingMetrics(registry, billing);
  if (clock) clockMetrics(registry, clock);
  if (routes) routeHealthMetrics(registry, routes);
  if (rights) rightsMetrics(registry, rights);
  if (agents) agentMetrics(registry, agents);
  return registry;
}

function routeHealthMetrics(registry: Registry, routes: RouteHealthFigures): void {
  metricsOf(registry).gauges(
    'route_collapsed',
    '1 while posts per response of a route are below a tenth of those of the week before.',
    ['route'],
    () => routes.collapsed(),
  );
}

/** Gauges of the library whose names end as those of counters do: `promtool check metrics` refuses them. */
const MISNAMED = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
];

/** The library's samples of the event loop, 100 a second, would wake an idle process; its lag at a scrape remains. */
const NEVER_MS = 2 ** 31 - 1;
const LOOP_LAGS = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'];
/** A stall that is longer than the interval of the samples is never missed. */
const LOOP_SAMPLE_MS = 500;

function processMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  for (const lag of LOOP_LAGS) registry.removeSingleMetric(`nodejs_eventloop_lag_${lag}_seconds`);
  const histogram = monitorEventLoopDelay({ resolution: LOOP_SAMPLE_MS });
  histogram.enable();
  new Gauge({
    name: 'nodejs_eventloop_lag_max_seconds',
    help: 'Longest lag of the event loop since the last scrape.',
    registers: [registry],
    collect() {
      // A sample is the time between two timers: the lag is what is above the interval.
      this.set(Math.max(0, (histogram.max / 1e6 - LOOP_SAMPLE_MS) / 1e3));
      histogram.reset();
    },
  });
}

function buildInfo(registry: Registry, version: string): void {
  const info = new Gauge({
    name: 'postmeter_build_info',
    help: '1, with the version of Postmeter.',
    labelNames: ['version'],
    registers: [registry],
  });
  info.set({ version }, 1);
}

function latencyMetrics(registry: Registry, gateway: GatewayFigures): void {
  histogram(
    registry,
    'added_latency_seconds',
    'Time that the gateway adds to a request: until it is forwarded, and from the end of its answer to its release.',
    () => gateway.latencies().added,
  );
  histogram(
    registry,
    'upstream_seconds',
    'Time from the forwarding of a request to the first byte of its answer.',
    () => gateway.latencies().upstream,
  );
}

/** Read at each scrape, as the other metrics are; the library's own histogram would be fed by each request. */
function histogram(registry: Registry, name: string, help: string, read: () => HistogramFigures): void {
  const fullName = `postmeter_${name}`;
  const sample = (suffix: string, value: number, labels = {}) => ({
    metricName: `${fullName}_${suffix}`,
    labels,
    value,
  });
  const get = async () => {
    const { bounds, counts, sum } = read();
    let below = 0;
    const buckets = counts.map((count, at) => {
      below += count;
      return sample('bucket', below, { le: bounds[at] === undefined ? '+Inf' : String(bounds[at]) });
    });
    const values = [...buckets, sample('sum', sum), sample('count', below)];
    return { name: fullName, help, type: 'histogram', aggregator: 'sum', values };
  };
  // The library asks a metric for its samples and no more.
  registry.registerMetric({ name: fullName, get } as unknown as Metric);
}

function gatewayMetrics(registry: Registry, gateway: GatewayFigures): void {
  const { counter, counters } = metricsOf(registry);
  counters('requests_total', 'Requests by outcome and status class.', ['outcome', 'status_class'], () =>
    gateway.requests(),
  );
  counters(
    'asker_requests_total',
    'Requests by the class of the asker and its evidence.',
    ['class', 'evidence'],
    () => gateway.askers(),
  );
  counter('posts_total', 'Posts served to clients.', () => gateway.posts());
  counter('response_body_bytes_total', 'Body bytes handed to clients.', () => gateway.bytes());
  routeMetrics(registry, gateway);
  counters('upstream_errors_total', 'Requests that the upstream failed.', ['code'], () =>
    gateway.upstreamErrors(),
  );
  counters(
    'signatures_total',
    'Signatures of requests (Web Bot Auth) by outcome and reason.',
    ['outcome', 'reason'],
    () => gateway.signatures.outcomes(),
  );
  counter('signature_nonces_repeated_total', 'Verified signatures whose nonce had occurred before.', () =>
    gateway.signatures.repeatedNonces(),
  );
  counter(
    'signature_directories_dropped_total',
    'Directories of signers that were not fetched when named, because a limit was reached.',
    () => gateway.signatures.droppedDirectories(),
  );
  loadMetrics(registry, gateway);
  latencyMetrics(registry, gateway);
}

/** Routes and outcomes come from the configuration and from our own codes: the label sets are bounded. */
function routeMetrics(registry: Registry, gateway: GatewayFigures): void {
  const { counter, counters } = metricsOf(registry);
  const is = (outcome: CountingOutcome) => (sums: RouteSums) => sums.outcome === outcome;
  const isAnswer = ({ outcome }: RouteSums) => outcome !== 'checked' && outcome !== 'differs';
  const read = (filter: (sums: RouteSums) => boolean, labelled: (sums: RouteSums) => LabelledValue) => () =>
    gateway.routeSums().filter(filter).map(labelled);
  counters(
    'route_responses_total',
    'Responses by route and outcome; route "" is no route.',
    ['route', 'outcome'],
    read(isAnswer, ({ route, outcome, responses }) => ({ labels: { route, outcome }, value: responses })),
  );
  counters(
    'route_posts_total',
    'Posts served by route.',
    ['route'],
    read(isAnswer, ({ route, posts }) => ({ labels: { route }, value: posts })),
  );
  counters(
    'route_response_body_bytes_total',
    'Body bytes handed to clients by route.',
    ['route'],
    read(isAnswer, ({ route, bytes }) => ({ labels: { route }, value: bytes })),
  );
  counters(
    'uncounted_responses_total',
    'Responses whose posts could not be counted.',
    ['route', 'reason'],
    read(isUncounted, ({ route, outcome, responses }) => ({
      labels: { route, reason: outcome },
      value: responses,
    })),
  );
  counter('count_checks_total', 'Responses that were counted a second time, by a slow parser.', () =>
    gateway
      .routeSums()
      .filter(is('checked'))
      .reduce((sum, { responses }) => sum + responses, 0),
  );
  counters(
    'count_differences_total',
    'Responses whose second count differed: a fault in the rule or in the counter.',
    ['route'],
    read(is('differs'), ({ route, responses }) => ({ labels: { route }, value: responses })),
  );
}

function loadMetrics(registry: Registry, gateway: GatewayFigures): void {
  const { counter, gauge } = metricsOf(registry);
  gauge('requests_in_flight', 'Requests being served now.', () => gateway.inFlight());
  gauge('upstream_waiting_requests', 'Requests that wait for a connection to the upstream.', () =>
    gateway.waiting(),
  );
  counter('requests_overloaded_total', 'Requests refused because too many were under way.', () =>
    gateway.overloaded(),
  );
  counter('connections_dropped_total', 'Connections closed at once because too many were open.', () =>
    gateway.droppedConnections(),
  );
  counter(
    'requests_aggregated_total',
    'Requests of callers beyond identify.maxAddresses, metered by their range and never billed.',
    () => gateway.aggregated(),
  );
}

function journalMetrics(registry: Registry, journal: JournalFigures): void {
  const { counter, gauge } = metricsOf(registry);
  gauge('journal_unconfirmed_records', 'Journal records that the ledger has not confirmed.', () =>
    journal.unconfirmedRecords(),
  );
  gauge('journal_unconfirmed_bytes', 'Their size in the journal.', () => journal.unconfirmedBytes());
  gauge('journal_lag_seconds', 'Age of the oldest unconfirmed record.', () => journal.lagSeconds());
  counter('journal_failures_total', 'Appends that failed.', () => journal.failures());
  gauge('journal_damaged_records', 'Records that the disk has lost, of those that are kept.', () =>
    journal.damagedRecords(),
  );
}

function windowMetrics(registry: Registry, window: WindowFigures): void {
  const { gauge } = metricsOf(registry);
  gauge('window_store_degraded', '1 while this process uses only the totals that it knows itself.', () =>
    Number(window.degraded()),
  );
}

function ledgerMetrics(registry: Registry, ledger: LedgerFigures): void {
  const { counter, gauge } = metricsOf(registry);
  gauge('ledger_reachable', '1 if the last batch reached the ledger.', () => Number(ledger.reachable()));
  counter('ledger_batches_total', 'Batches that the ledger has taken.', () => ledger.batches());
  counter('ledger_rewinds_total', 'How often the ledger had less than it had confirmed.', () =>
    ledger.rewinds(),
  );
  counter('ledger_failures_total', 'Attempts to hand over a batch that failed.', () => ledger.failures());
}

function billingMetrics(registry: Registry, billing: BillingFigures): void {
  const { counter, gauge, gauges } = metricsOf(registry);
  gauge('billing_leader', '1 if this process does the billing.', () => Number(billing.leader()));
  gauge(
    'billing_last_run_timestamp_seconds',
    'End of the last run that succeeded; 0 before the first.',
    () => (billing.lastRunAtMs() ?? 0) / 1000,
  );
  gauge('billing_last_run_duration_seconds', 'How long it took.', () => billing.lastRunSeconds() ?? 0);
  counter('billing_failures_total', 'Runs that failed.', () => billing.failures());
  gauges('clients_on_hold', 'Clients whose billing has stopped, by reason.', ['code'], () =>
    billing.clientsOnHold(),
  );
  gauge('billing_stopped', '1 while billing of all clients has stopped.', () => Number(billing.stopped()));
}

function clockMetrics(registry: Registry, clock: ClockFigures): void {
  const { gauge } = metricsOf(registry);
  gauge('clock_skew_seconds', "The machine's clock less the ledger's.", () => clock.skewSeconds());
  gauge('clock_flagged', "1 while the machine's clock is wrong, and usage is not metered by it.", () =>
    Number(clock.flagged()),
  );
}

function rightsMetrics(registry: Registry, rights: RightsFigures): void {
  const { gauge } = metricsOf(registry);
  gauge('rights_age_seconds', 'Time since the registry of rights was last known to be complete.', () =>
    rights.ageSeconds(),
  );
  gauge('rights_subjects', 'Subjects with states in the registry of rights.', () => rights.subjects());
}

function agentMetrics(registry: Registry, agents: AgentFigures): void {
  const { counter, gauge } = metricsOf(registry);
  counter(
    'agent_checks_dropped_total',
    'Addresses that claimed an agent and were not asked for, because too many waited.',
    () => agents.dropped(),
  );
  gauge('agent_lists_failed', 'Lists of address ranges whose last attempt to be fetched failed.', () =>
    agents.failedLists(),
  );
}

/** Metrics that read their source at each scrape. A counter is set at each scrape, because its source counts. */
function metricsOf(registry: Registry) {
  const named = (name: string, help: string) => ({ name: `postmeter_${name}`, help, registers: [registry] });

  function counters(
    name: string,
    help: string,
    labelNames: string[],
    read: () => readonly LabelledValue[],
  ): void {
    new Counter({
      ...named(name, help),
      labelNames,
      collect() {
        this.reset();
        for (const { labels, value } of read()) this.inc(labels, value);
      },
    });
  }

  function gauges(
    name: string,
    help: string,
    labelNames: string[],
    read: () => readonly LabelledValue[],
  ): void {
    new Gauge({
      ...named(name, help),
      labelNames,
      collect() {
        this.reset();
        for (const { labels, value } of read()) this.set(labels, value);
      },
    });
  }

  return {
    counters,
    counter: (name: string, help: string, read: () => number) =>
      counters(name, help, [], () => [{ labels: {}, value: read() }]),
    gauges,
    gauge: (name: string, help: string, read: () => number) =>
      gauges(name, help, [], () => [{ labels: {}, value: read() }]),
  };
}
