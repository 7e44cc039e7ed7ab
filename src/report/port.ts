/** What reporting needs from outside: plain figures of the running process, read only when somebody looks. */

import type { HistogramFigures } from './histogram.ts';
import type { RouteSums } from './routes/port.ts';

/** Metrics as a page in a text format. */
export interface MetricsPage {
  /** @param accept the request's Accept field: OpenMetrics if it asks for that, else Prometheus' own format. */
  render(accept: string): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** A counter or gauge with one value per set of labels. Each set appears once. */
export interface Labelled {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The gateway since its start. All are counters but `inFlight` and `waiting`. */
export interface GatewayFigures {
  /** By route and outcome. */
  routeSums(): readonly RouteSums[];
  /** Labels: outcome (`forwarded`, `refused`, ...), status_class (`2xx`, ...). */
  requests(): readonly Labelled[];
  posts(): number;
  /** Body bytes handed to clients. */
  bytes(): number;
  /** Labels: code. */
  upstreamErrors(): readonly Labelled[];
  inFlight(): number;
  /** Requests that wait for a connection to the upstream. */
  waiting(): number;
  /** Requests of callers beyond the bound of addresses, metered by their range. */
  aggregated(): number;
  /** Requests refused because too many were under way. */
  overloaded(): number;
  /** Connections closed at once because too many were open. */
  droppedConnections(): number;
  latencies(): LatencyFigures;
}

/** Durations since the start. */
export interface LatencyFigures {
  /** What the gateway adds to a request: until it is forwarded, and from the end of its answer until its release. */
  readonly added: HistogramFigures;
  /** From the request's forwarding to the first byte of the upstream's answer. */
  readonly upstream: HistogramFigures;
}

export interface JournalFigures {
  /** Records that the ledger has not confirmed. */
  unconfirmedRecords(): number;
  unconfirmedBytes(): number;
  /** Age of the oldest unconfirmed record; 0 while there is none. */
  lagSeconds(): number;
  /** Appends that failed since the start. */
  failures(): number;
  /** Records that the disk has lost or changed, of those that are kept. */
  damagedRecords(): number;
}

export interface WindowFigures {
  /** Whether this process goes on with what it knows by itself, because the window store is away. */
  degraded(): boolean;
}

export interface LedgerFigures {
  /** Batches that the ledger has taken since the start. */
  batches(): number;
  /** Attempts that failed since the start. */
  failures(): number;
  /** How often the ledger had less than it had confirmed, since the start: a failover to a copy that lagged. */
  setbacks(): number;
  /** Whether the last attempt succeeded. */
  reachable(): boolean;
}

export interface RouteHealthFigures {
  /** 1 for each route whose posts per response have collapsed. Labels: route. */
  collapsed(): readonly Labelled[];
}

export interface ClockFigures {
  /** The machine's clock less the ledger's, in seconds; 0 where that is not known. */
  skewSeconds(): number;
  /** Whether usage is not metered by the machine's clock, because that is wrong. */
  flagged(): boolean;
}

export interface BillingFigures {
  leader(): boolean;
  /** End of the last run that succeeded, epoch milliseconds; null before the first. */
  lastRunAtMs(): number | null;
  lastRunSeconds(): number | null;
  failures(): number;
  /** As of the last run of this process. Labels: code. A parking of all clients is none of one. */
  parkedClients(): readonly Labelled[];
  /** Billing has stopped for all clients, as of the last run of this process. */
  stopped(): boolean;
}

/** Of the running process. What is counted elsewhere is left out: at the edge each isolate has figures of its own. */
export interface MetricsSources {
  readonly gateway?: GatewayFigures;
  readonly journal?: JournalFigures;
  readonly window?: WindowFigures;
  readonly ledger?: LedgerFigures;
  readonly billing?: BillingFigures;
  readonly clock?: ClockFigures;
  readonly routes?: RouteHealthFigures;
}
