/** What the gateway has done since its start: plain counters on the hot path, read by metrics when somebody looks. */

import type { GatewayFigures, Labelled } from './port.ts';

export type Outcome = 'forwarded' | 'refused' | 'failed' | 'aborted' | 'unmetered';

/** Routes and reasons come from the configuration and from our own codes, so these maps are bounded by them. */
export class Tally implements GatewayFigures {
  readonly #requests = new Map<string, number>();
  readonly #uncounted = new Map<string, number>();
  readonly #upstreamErrors = new Map<string, number>();
  #posts = 0;
  #bytes = 0;
  #inFlight = 0;

  began(): void {
    this.#inFlight++;
  }

  ended(outcome: Outcome, status: number, posts: number, bytes: number): void {
    this.#inFlight--;
    this.#posts += posts;
    this.#bytes += bytes;
    bump(this.#requests, `${outcome} ${Math.floor(status / 100)}xx`);
  }

  sawUncounted(route: string, reason: string): void {
    bump(this.#uncounted, `${reason} ${route}`);
  }

  sawUpstreamError(code: string): void {
    bump(this.#upstreamErrors, code);
  }

  requests(): readonly Labelled[] {
    return labelled(this.#requests, (key) => {
      const [outcome, statusClass] = split(key);
      return { outcome, status_class: statusClass };
    });
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

  upstreamErrors(): readonly Labelled[] {
    return labelled(this.#upstreamErrors, (code) => ({ code }));
  }

  inFlight(): number {
    return this.#inFlight;
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
