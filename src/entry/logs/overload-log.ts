/** Logs overload of a gateway: at most one line a minute of each kind, with the number of cases. */

import type { GatewayFigures } from '../../report/port.ts';
import type { Logger } from './log.ts';

const EVERY_MS = 60_000;

type LoadFigures = Pick<GatewayFigures, 'aggregated' | 'overloaded' | 'droppedConnections'>;

/** Polls plain counters, so that a request costs nothing here. Returns a function that logs the rest and stops. */
export function logOverload(figures: LoadFigures, log: Logger, everyMs = EVERY_MS): () => void {
  const logAggregated = growthLog(
    () => figures.aggregated(),
    (requests) =>
      log.warn(
        { requests },
        'identify.maxAddresses is exceeded: further unknown callers are metered by range and never billed',
      ),
  );
  const logOverloaded = growthLog(
    () => figures.overloaded(),
    (requests) => log.warn({ requests }, 'requests were refused: too many are in flight'),
  );
  const logDropped = growthLog(
    () => figures.droppedConnections(),
    (connections) => log.warn({ connections }, 'connections were closed: too many are open'),
  );
  const logAll = (): void => {
    for (const logOne of [logAggregated, logOverloaded, logDropped]) logOne();
  };
  const timer = setInterval(logAll, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    logAll();
  };
}

/** Returns a function that reports the growth of a counter since its last call, if it has grown. */
function growthLog(read: () => number, say: (grown: number) => void): () => void {
  let reported = 0;
  return () => {
    const grown = read() - reported;
    if (grown === 0) return;
    reported += grown;
    say(grown);
  };
}
