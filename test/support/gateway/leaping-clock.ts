/** A clock of the product's process that a test puts forward, so that windows roll without anybody waiting for them. */

import type { GatewayProcess } from './process.ts';

/** More than two of the shortest windows. */
const LEAP_MS = 130_000;

const SOURCE = `
  const now = Date.now;
  const monotonic = performance.now.bind(performance);
  let aheadMs = 0;
  Date.now = () => now() + aheadMs;
  // Both clocks leap: it is time that passes, not a clock that steps.
  performance.now = () => monotonic() + aheadMs;
  process.on('SIGUSR2', () => { aheadMs += ${LEAP_MS}; });
`;

/** The environment of a gateway process whose clock can leap: loaded before the product's first module. */
export const LEAPING_CLOCK = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(SOURCE)}` };

/** For the configuration of such a process: a ledger in a process of its own does not leap with it. */
export const LEAPING_SKEW = { maxSkewSeconds: 86_400 };

/** The process sees it within milliseconds, not at once. */
export function leap({ process }: GatewayProcess): void {
  process.kill('SIGUSR2');
}
