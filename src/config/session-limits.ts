/** When sessions of the console end, from the configuration. */

import type { Config } from './schema.ts';

export function sessionLimitsOf({ console: { sessionIdleMinutes, sessionHours } }: Config) {
  return { idleMs: sessionIdleMinutes * 60_000, maxMs: sessionHours * 3_600_000 };
}
