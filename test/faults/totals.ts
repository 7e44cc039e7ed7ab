/** What gateways tell clients of their totals, against the ledger. */

import { expect } from 'vitest';
import { ask, remainingOf } from '../support/http/ask.ts';
import type { Taker } from './load.ts';

/** Of the default tariff. */
const THRESHOLD = 1_000_000;

/** Each gateway tells each client what the ledger has: the window was kept beside it, or rebuilt from it. */
export async function expectTotals(
  urls: readonly string[],
  takers: readonly Taker[],
  ledger: ReadonlyMap<string, number>,
): Promise<void> {
  for (const url of urls) {
    for (const { clientId, headers = {}, localAddress } of takers) {
      const options = { headers, ...(localAddress === undefined ? {} : { localAddress }) };
      await expect
        .poll(async () => THRESHOLD - remainingOf(await ask(url, '/no-posts', options)), {
          timeout: 20_000,
          interval: 100,
        })
        .toBe(ledger.get(clientId));
    }
  }
}
