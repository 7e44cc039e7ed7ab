/** What reporting needs from outside: figures of the running process, read only on request. */

import type { HistogramFigures } from './histogram.ts';
import type { RouteSums } from './routes/port.ts';

/** Renders metrics in a text format. */
export interface MetricsPage {
  /**
   * @param accept the request's Accept field. It selects OpenMetrics or the Prometheus format, which is the
   * default.
   */
  render(accept: string): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** A counter or gauge with one value per set of labels. Each set appears once. */
export interface LabelledValue {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Figures of the gateway since its start. All are counters except `inFlight` and `waiting`. */
export interface GatewayFigures {
  /** By route and outcome. */
  routeSums(): readonly RouteSums[];
  /** Labels: outcome (`forwarded`, `refused`, ...), status_class (`2xx`, ...). */
  requests(): readonly LabelledValue[];
  /** Requests that were identified. Labels: class (`human`, `ai_training`, ...), evidence (`claim`, ...). */
  askers(): readonly LabelledValue[];
  posts(): number;
  /** Body bytes handed to clients. */
  bytes(): number;
  /** Labels: code. */
  upstreamErrors(): readonly LabelledValue[];
  inFlight(): number;
  /** Requests waiting for a connection to the upstream. */
  waiting(): number;
  /** Requests of callers beyond the limit of tracked addresses, metered by address range. */
  aggregated(): number;
  /** Requests refused because too many were in flight. */
  overloaded(): number;
  /** Connections closed immediately because too many were open. */
  droppedConnections(): number;
  latencies(): LatencyFigures;
  readonly signatures: SignatureFigures;
}

export interface SignatureFigures {
  /** Signatures of requests. Labels: outcome (`verified`, ...), reason (our code, or the grade if there is none). */
  outcomes(): readonly LabelledValue[];
  /** Verified signatures whose nonce had occurred before. */
  repeatedNonces(): number;
  /** Directories of signers that were not fetched when a request named them, because a limit was reached. */
  droppedDirectories(): number;
}

/** Durations since the start. */
export interface LatencyFigures {
  /** Time the gateway adds to a request: before forwarding, and from the end of the response to its release. */
  readonly added: HistogramFigures;
  /** From forwarding to the first byte of the upstream's response. */
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
  /** Kept records that were lost or changed on disk. */
  damagedRecords(): number;
}

export interface WindowFigures {
  /** True while the window store is unreachable and this process uses its own totals. */
  degraded(): boolean;
}

export interface LedgerFigures {
  /** Batches that the ledger has taken since the start. */
  batches(): number;
  /** Attempts that failed since the start. */
  failures(): number;
  /** Times the ledger had less than it had confirmed, since the start: a failover to a replica that lagged. */
  rewinds(): number;
  /** Whether the last attempt succeeded. */
  reachable(): boolean;
}

export interface RouteHealthFigures {
  /** 1 for each route whose posts per response have collapsed. Labels: route. */
  collapsed(): readonly LabelledValue[];
}

export interface ClockFigures {
  /** The machine's clock minus the ledger's, in seconds; 0 if unknown. */
  skewSeconds(): number;
  /** True while usage is not metered by the machine's clock because that clock is wrong. */
  flagged(): boolean;
}

export interface BillingFigures {
  leader(): boolean;
  /** End of the last run that succeeded, epoch milliseconds; null before the first. */
  lastRunAtMs(): number | null;
  lastRunSeconds(): number | null;
  failures(): number;
  /** Clients on hold as of the last run of this process. Labels: code. A hold on all clients counts as none. */
  clientsOnHold(): readonly LabelledValue[];
  /** True if billing was on hold for all clients in the last run of this process. */
  stopped(): boolean;
}

export interface RightsFigures {
  /** Time since the registry of rights was last known to be complete; since the start if it was not read yet. */
  ageSeconds(): number;
  /** Subjects with states. */
  subjects(): number;
}

export interface AgentFigures {
  /** Addresses that claimed an agent and were not asked for, because too many waited. */
  dropped(): number;
  /** Lists of address ranges whose last attempt to be fetched failed. */
  failedLists(): number;
}

/** Figures of the running process. Sources that count elsewhere are absent: at the edge each isolate has its own. */
export interface MetricsSources {
  readonly gateway?: GatewayFigures;
  readonly journal?: JournalFigures;
  readonly window?: WindowFigures;
  readonly ledger?: LedgerFigures;
  readonly billing?: BillingFigures;
  readonly clock?: ClockFigures;
  readonly routes?: RouteHealthFigures;
  readonly rights?: RightsFigures;
  readonly agents?: AgentFigures;
}
