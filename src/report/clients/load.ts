/** Loads the present figures of some clients: what `clientNow` computes, from the ledger's usage and tariffs. */

import { monthOf } from '../../tariff/licence.ts';
import type { TariffVersion } from '../../tariff/tariff.ts';
import { tariffsAt } from '../client-totals.ts';
import { type BucketClock, type ClientNow, clientNow, endOfBucket, usageAsk } from './client-now.ts';
import type { ClientFigures } from './port.ts';

export interface FigureSources {
  readonly figures: Pick<ClientFigures, 'served' | 'standings'>;
  readonly store: {
    /** The versions, not retired, that can apply to these clients. */
    tariffsFor(clientIds: readonly string[]): Promise<readonly TariffVersion[]>;
  };
}

/** Clients whose figures one statement reads. */
const CLIENTS_AT_ONCE = 100;

/** Returns the figures of existing clients by id. */
export async function loadClientsNow(
  sources: FigureSources,
  clientIds: readonly string[],
  clock: BucketClock,
): Promise<Map<string, ClientNow>> {
  const found = new Map<string, ClientNow>();
  for (let at = 0; at < clientIds.length; at += CLIENTS_AT_ONCE) {
    const some = await loadSome(sources, clientIds.slice(at, at + CLIENTS_AT_ONCE), clock);
    for (const now of some) found.set(now.clientId, now);
  }
  return found;
}

async function loadSome(
  { figures, store }: FigureSources,
  clientIds: readonly string[],
  clock: BucketClock,
): Promise<ClientNow[]> {
  const tariffOf = tariffsAt(await store.tariffsFor(clientIds), clock.bucketSeconds, clock.nowMs);
  const endMs = endOfBucket(clock);
  const [served, standings] = await Promise.all([
    figures.served(
      clientIds.map((id) => usageAsk(id, tariffOf(id), clock)),
      endMs,
    ),
    figures.standings(clientIds, monthOf(clock.nowMs), endMs),
  ]);
  const servedBy = new Map(served.map((one) => [one.clientId, one]));
  return standings.map((standing) =>
    clientNow(standing, servedBy.get(standing.clientId), tariffOf(standing.clientId), clock),
  );
}
