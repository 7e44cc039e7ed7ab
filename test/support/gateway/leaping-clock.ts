/** A clock in the product's process that a test can advance, so that windows roll without waiting. */

import type { GatewayProcess } from './process.ts';

/** Longer than two of the shortest windows. */
const LEAP_MS = 130_000;

const SOURCE = `
  const now = Date.now;
  const monotonic = performance.now.bind(performance);
  let aheadMs = 0;
  Date.now = () => now() + aheadMs;
  // Both clocks advance, because time passes and no clock is corrected.
  performance.now = () => monotonic() + aheadMs;
  process.on('SIGUSR2', () => { aheadMs += ${LEAP_MS}; });
`;

/** The environment of a gateway process whose clock can leap. It loads before the product's first module. */
export const LEAPING_CLOCK = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(SOURCE)}` };

/** Configuration of such a process, because a ledger in another process does not leap with it. */
export const LEAPING_SKEW = { maxSkewSeconds: 86_400 };

/** The process sees the leap within milliseconds, but not at once. */
export function leap({ process }: GatewayProcess): void {
  process.kill('SIGUSR2');
}
