/** A clock of the product's process that a test puts forward, so that windows roll without anybody waiting for them. */

import type { GatewayProcess } from './gateway-process.ts';

/** More than two of the shortest windows. */
const LEAP_MS = 130_000;

const SOURCE = `
  const now = Date.now;
  let aheadMs = 0;
  Date.now = () => now() + aheadMs;
  process.on('SIGUSR2', () => { aheadMs += ${LEAP_MS}; });
`;

/** The environment of a gateway process whose clock can leap: loaded before the product's first module. */
export const LEAPING_CLOCK = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(SOURCE)}` };

/** The process sees it within milliseconds, not at once. */
export function leap({ process }: GatewayProcess): void {
  process.kill('SIGUSR2');
}
