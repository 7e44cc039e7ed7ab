/** What the gateway has done since its start: plain counters on the hot path, read by metrics when somebody looks. */

import type { GatewayFigures, Labelled } from './port.ts';

const OUTCOMES = ['forwarded', 'refused', 'failed', 'aborted'] as const;
export type Outcome = (typeof OUTCOMES)[number];
/** Of an HTTP status: 0xx stands for a client that went before there was one. */
const STATUS_CLASSES = 6;

/** Routes and reasons come from the configuration and from our own codes, so these maps are bounded by them. */
export class Tally implements GatewayFigures {
  /** By outcome and status class; an index costs less on the way of a request than a text. */
  readonly #requests: Readonly<Record<Outcome, number[]>> = {
    forwarded: new Array(STATUS_CLASSES).fill(0),
    refused: new Array(STATUS_CLASSES).fill(0),
    failed: new Array(STATUS_CLASSES).fill(0),
    aborted: new Array(STATUS_CLASSES).fill(0),
  };
  readonly #uncounted = new Map<string, number>();
  readonly #upstreamErrors = new Map<string, number>();
  readonly #differences = new Map<string, number>();
  #crossChecked = 0;
  #posts = 0;
  #bytes = 0;
  #inFlight = 0;
  #waiting = 0;
  #aggregated = 0;
  #overloaded = 0;
  #dropped = 0;

  began(): void {
    this.#inFlight++;
  }

  ended(outcome: Outcome, status: number, posts: number, bytes: number): void {
    this.#inFlight--;
    this.#posts += posts;
    this.#bytes += bytes;
    this.#requests[outcome][Math.floor(status / 100) % STATUS_CLASSES]! += 1;
  }

  /** A stream that goes on has held so much more. */
  ran(posts: number, bytes: number): void {
    this.#posts += posts;
    this.#bytes += bytes;
  }

  /** A request waits for a connection to the upstream. */
  waitBegan(): void {
    this.#waiting++;
  }

  waitEnded(): void {
    this.#waiting--;
  }

  sawAggregated(): void {
    this.#aggregated++;
  }

  sawOverload(): void {
    this.#overloaded++;
  }

  sawDroppedConnection(): void {
    this.#dropped++;
  }

  sawUncounted(route: string, reason: string): void {
    bump(this.#uncounted, `${reason} ${route}`);
  }

  sawCrossCheck(route: string, isEqual: boolean): void {
    this.#crossChecked++;
    if (!isEqual) bump(this.#differences, route);
  }

  sawUpstreamError(code: string): void {
    bump(this.#upstreamErrors, code);
  }

  requests(): readonly Labelled[] {
    return OUTCOMES.flatMap((outcome) =>
      this.#requests[outcome].flatMap((value, statusClass) =>
        value === 0 ? [] : [{ labels: { outcome, status_class: `${statusClass}xx` }, value }],
      ),
    );
  }

  posts(): number {
    return this.#posts;
  }

  bytes(): number {
    return this.#bytes;
  }

  uncounted(): readonly Labelled[] {
    return labelled(this.#uncounted, (key) => {
      const [reason, route] = split(key);
      return { route, reason };
    });
  }

  crossChecked(): number {
    return this.#crossChecked;
  }

  countDifferences(): readonly Labelled[] {
    return labelled(this.#differences, (route) => ({ route }));
  }

  upstreamErrors(): readonly Labelled[] {
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
): Labelled[] {
  return [...counters].map(([key, value]) => ({ labels: labels(key), value }));
}

/** At the first space: what stands before it never holds one. */
function split(key: string): [string, string] {
  const space = key.indexOf(' ');
  return [key.slice(0, space), key.slice(space + 1)];
}
