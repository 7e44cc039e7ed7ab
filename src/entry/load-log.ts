/** The log lines of what a gateway cannot serve as it should: at most one a minute of each kind, with how many. */

import type { GatewayFigures } from '../report/port.ts';
import type { Logger } from './log.ts';

const EVERY_MS = 60_000;

type LoadFigures = Pick<GatewayFigures, 'aggregated' | 'overloaded' | 'droppedConnections'>;

/** Reads plain counters, so that a request costs nothing here. Returns the stopping, which tells what is left. */
export function logLoad(figures: LoadFigures, log: Logger, everyMs = EVERY_MS): () => void {
  const tellAggregated = teller(
    () => figures.aggregated(),
    (requests) =>
      log.warn({ requests }, 'more unknown addresses than are told apart: metered by range, never billed'),
  );
  const tellOverloaded = teller(
    () => figures.overloaded(),
    (requests) => log.warn({ requests }, 'requests were refused: too many are under way'),
  );
  const tellDropped = teller(
    () => figures.droppedConnections(),
    (connections) => log.warn({ connections }, 'connections were closed at once: too many are open'),
  );
  const tellAll = (): void => {
    for (const tell of [tellAggregated, tellOverloaded, tellDropped]) tell();
  };
  const timer = setInterval(tellAll, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    tellAll();
  };
}

/** Says how much a counter has grown since the last time, where it has. */
function teller(read: () => number, say: (grown: number) => void): () => void {
  let told = 0;
  return () => {
    const grown = read() - told;
    if (grown === 0) return;
    told += grown;
    say(grown);
  };
}
