/** Compares the totals that gateways report to clients with the ledger. */

import { expect } from 'vitest';
import { ask, remainingOf } from '../support/http/ask.ts';
import type { Taker } from './load.ts';

/** The threshold of the default tariff. */
const THRESHOLD = 1_000_000;

/** Checks that each gateway reports to each client what the ledger has, whether its window was kept or rebuilt. */
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
