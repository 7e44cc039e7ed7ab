/** Faults one after the other, at moments that chance says, while clients are being served. */

import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/until.ts';
import { takenRecords } from './books.ts';
import type { Fault } from './faults.ts';
import type { Load } from './load.ts';
import type { Chance } from './seed.ts';
import type { Site } from './site.ts';

/** Rounds or length of a fault: all of it by hand, a quarter in CI, whose time is bounded. */
export function quarterInCi(all: number): number {
  return process.env.CI === undefined ? all : Math.ceil(all / 4);
}

export interface RoundsOptions {
  readonly site: Site;
  readonly load: Load;
  readonly chance: Chance;
  /** In this order. */
  readonly faults: readonly Fault[];
  /** Longest time before each of them, and that each of them lasts. */
  readonly maxMs: number;
  /** Called for each that begins. */
  readonly onRound?: (name: string) => void;
}

/** After each the clients are served and usage reaches the ledger again before the next one comes. */
export async function strikeInTurn(options: RoundsOptions): Promise<void> {
  const { site, load, chance, maxMs } = options;
  for (const fault of options.faults) {
    options.onRound?.(fault.name);
    await sleep(chance.between(0, maxMs));
    const undo = await fault.strike(site, chance);
    await sleep(chance.between(0, maxMs));
    await undo();
    await goesOn(site, load, fault.name);
  }
}

async function goesOn(site: Site, load: Load, after: string): Promise<void> {
  const responses = load.responses();
  const taken = await takenRecords(site.databaseUrl);
  await until(`clients are served after ${after}`, () => load.responses() > responses, { intervalMs: 5 });
  await until(
    `usage reaches the ledger after ${after}`,
    async () => (await takenRecords(site.databaseUrl)) > taken,
    { timeoutMs: 90_000, intervalMs: 20 },
  );
}
