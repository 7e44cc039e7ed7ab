/** Counters of the gateway since its start: plain increments on the hot path, read by metrics on request. */

import { CallerTraits } from '../callers/caller-traits.ts';
import { ASKER_CLASSES, type Asker, EVIDENCE } from '../rights/asker.ts';
import { ExposureCounts } from './askers/exposure-counts.ts';
import { Histogram } from './histogram.ts';
import type { GatewayFigures, LabelledValue, LatencyFigures } from './port.ts';
import type { RouteSums } from './routes/port.ts';
import { RouteCounts } from './routes/route-counts.ts';
import { UnmatchedPaths } from './routes/unmatched-paths.ts';
import { SignatureCounts } from './signature-counts.ts';

const OUTCOMES = ['forwarded', 'refused', 'failed', 'aborted'] as const;
export type Outcome = (typeof OUTCOMES)[number];
/** Status classes. Class 0 means the client disconnected before a status existed. */
const STATUS_CLASSES = 6;

export class GatewayCounters implements GatewayFigures {
  readonly routes = new RouteCounts();
  readonly paths = new UnmatchedPaths();
  readonly callers = new CallerTraits();
  readonly signatures = new SignatureCounts();
  readonly exposure = new ExposureCounts();
  readonly added = new Histogram();
  readonly upstream = new Histogram();
  /** By outcome and status class. An array index is cheaper per request than a string key. */
  readonly #requests: Readonly<Record<Outcome, number[]>> = {
    forwarded: new Array(STATUS_CLASSES).fill(0),
    refused: new Array(STATUS_CLASSES).fill(0),
    failed: new Array(STATUS_CLASSES).fill(0),
    aborted: new Array(STATUS_CLASSES).fill(0),
  };
  /** By class and evidence. */
  readonly #askers = Object.fromEntries(
    ASKER_CLASSES.map((name) => [name, Object.fromEntries(EVIDENCE.map((kind) => [kind, 0]))]),
  ) as Record<Asker['class'], Record<Asker['evidence'], number>>;
  readonly #upstreamErrors = new Map<string, number>();
  #posts = 0;
  #bytes = 0;
  #inFlight = 0;
  #waiting = 0;
  #aggregated = 0;
  #overloaded = 0;
  #dropped = 0;

  requestStarted(): void {
    this.#inFlight++;
  }

  requestEnded(outcome: Outcome, status: number, posts: number, bytes: number): void {
    this.#inFlight--;
    this.#posts += posts;
    this.#bytes += bytes;
    this.#requests[outcome][Math.floor(status / 100) % STATUS_CLASSES]! += 1;
  }

  /** Counts a request by its asker, before it is admitted. */
  asked({ class: asker, evidence }: Asker): void {
    this.#askers[asker][evidence]++;
  }

  /** Adds progress of a stream that is still running. */
  streamProgress(posts: number, bytes: number): void {
    this.#posts += posts;
    this.#bytes += bytes;
  }

  /** A request starts to wait for a connection to the upstream. */
  waitStarted(): void {
    this.#waiting++;
  }

  waitEnded(): void {
    this.#waiting--;
  }

  aggregatedClient(): void {
    this.#aggregated++;
  }

  overload(): void {
    this.#overloaded++;
  }

  droppedConnection(): void {
    this.#dropped++;
  }

  crossCheck(route: string, isEqual: boolean): void {
    const counter = this.routes.of(route);
    counter.of('checked').responses++;
    if (!isEqual) counter.of('differs').responses++;
  }

  upstreamError(code: string): void {
    bump(this.#upstreamErrors, code);
  }

  latencies(): LatencyFigures {
    return { added: this.added.figures(), upstream: this.upstream.figures() };
  }

  requests(): readonly LabelledValue[] {
    return OUTCOMES.flatMap((outcome) =>
      this.#requests[outcome].flatMap((value, statusClass) =>
        value === 0 ? [] : [{ labels: { outcome, status_class: `${statusClass}xx` }, value }],
      ),
    );
  }

  askers(): readonly LabelledValue[] {
    return Object.entries(this.#askers).flatMap(([asker, counts]) =>
      Object.entries(counts).flatMap(([evidence, value]) =>
        value === 0 ? [] : [{ labels: { class: asker, evidence }, value }],
      ),
    );
  }

  posts(): number {
    return this.#posts;
  }

  bytes(): number {
    return this.#bytes;
  }

  routeSums(): readonly RouteSums[] {
    return this.routes.sums();
  }

  upstreamErrors(): readonly LabelledValue[] {
    return labelled(this.#upstreamErrors, (code) => ({ code }));
  }

  inFlight(): number {
    return this.#inFlight;
  }

  waiting(): number {
    return this.#waiting;
  }

  aggregated(): number {
    return this.#aggregated;
  }

  overloaded(): number {
    return this.#overloaded;
  }

  droppedConnections(): number {
    return this.#dropped;
  }
}

function bump(counters: Map<string, number>, key: string): void {
  counters.set(key, (counters.get(key) ?? 0) + 1);
}

function labelled(
  counters: Map<string, number>,
  labels: (key: string) => Record<string, string>,
): LabelledValue[] {
  return [...counters].map(([key, value]) => ({ labels: labels(key), value }));
}
