/** Faults one after the other, at random moments, while clients are served. */

import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/until.ts';
import { takenRecords } from './books.ts';
import type { Fault } from './faults.ts';
import type { Load } from './load.ts';
import type { Chance } from './seed.ts';
import type { Site } from './site.ts';

/** Returns rounds or the length of a fault: all by hand, a quarter in CI to limit its time. */
export function quarterInCi(all: number): number {
  return process.env.CI === undefined ? all : Math.ceil(all / 4);
}

export interface RoundsOptions {
  readonly site: Site;
  readonly load: Load;
  readonly chance: Chance;
  /** Faults in order. */
  readonly faults: readonly Fault[];
  /** Maximum pause before each fault, and its maximum duration. */
  readonly maxMs: number;
  /** Called when a fault begins. */
  readonly onRound?: (name: string) => void;
}

/** Waits after each fault until the clients are served and usage reaches the ledger again. */
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
