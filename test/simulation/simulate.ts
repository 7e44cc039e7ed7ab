/** One run from its seed: traffic and faults for some minutes, recovery, and then all checks. */

import { createHash } from 'node:crypto';
import { withPlainAborts } from './abort.ts';
import { checkBilling, checkBillingHolds, checkChain, checkGaps, checkPosts, checkWindow } from './checks.ts';
import { healAll, strike } from './faults.ts';
import { People } from './people.ts';
import type { Tally } from './tally.ts';
import { Traffic } from './traffic.ts';
import { expect } from './violation.ts';
import { MINUTE_MS, World } from './world.ts';

export interface Outcome {
  readonly seed: number;
  /** The violation. Undefined if there is none. */
  readonly fault: unknown;
  readonly events: number;
  readonly trace: readonly string[];
}

/** The same seed gives the same outcome on every machine. */
export async function simulate(seed: number, tally: Tally): Promise<Outcome> {
  const world = new World(seed, tally);
  const { scheduler } = world;
  try {
    await withPlainAborts(async () => {
      const people = await live(world);
      await check(world, people);
    });
  } catch (fault) {
    scheduler.fault ??= fault;
  }
  return { seed, fault: scheduler.fault, events: scheduler.events, trace: scheduler.trace };
}

/** A hash that differs for any two different runs. */
export function hashOf({ trace, events }: Outcome): string {
  return createHash('sha256').update(trace.join('\n')).update(String(events)).digest('hex');
}

async function live(world: World): Promise<People> {
  const { scheduler, random } = world;
  const traffic = new Traffic(world);
  const people = new People(world, traffic);
  await people.prepare();
  const endMs = scheduler.nowMs + random.int(40_000, 180_000);
  keepUp(world);
  traffic.start();
  people.start();
  let isOver = false;
  again(world, random.pick([5_000, 10_000, 30_000]), () => !isOver && strike(world, people));
  again(world, 10_000, () => copy(world));
  await scheduler.runUntil(endMs);
  isOver = true;
  healAll(world);
  // Either traffic continues during the recovery, or nothing new arrives and everything must recover by itself.
  if (random.chance(0.5)) traffic.stop();
  await scheduler.runUntil(endMs + 20_000);
  traffic.stop();
  if (world.healsAlone) await scheduler.runUntil(endMs + 1.5 * MINUTE_MS);
  else await restart(world);
  return people;
}

/** Stops and starts all gateways, as for a new version. */
async function restart(world: World): Promise<void> {
  const { scheduler, gateways } = world;
  for (const gateway of gateways) await scheduler.runUntilSettled(gateway.stop());
  await scheduler.runUntil(scheduler.nowMs + 30_000);
}

/** Starts the processes that are down, as a supervisor does. */
function keepUp(world: World): void {
  again(world, 8_000, () => {
    for (const gateway of world.gateways) if (!gateway.isUp) gateway.start();
  });
  for (const gateway of world.gateways) gateway.start();
}

function copy(world: World): void {
  world.watcher.look();
  world.copies.push(world.ledger.ledger.state);
}

function again(world: World, everyMs: number, act: () => void): void {
  const { scheduler, random } = world;
  scheduler.at(random.next() * 2 * everyMs, () => {
    if (world.isClosing) return;
    act();
    again(world, everyMs, act);
  });
}

async function check(world: World, people: People): Promise<void> {
  const { scheduler, gateways } = world;
  if (scheduler.fault !== undefined) return;
  // A stopping process may take two minutes, and then starts again.
  const untilMs = scheduler.nowMs + 5 * MINUTE_MS;
  while (!gateways.every((gateway) => gateway.isServing) && scheduler.nowMs < untilMs) {
    await scheduler.runUntil(scheduler.nowMs + 10_000);
  }
  if (scheduler.fault !== undefined) return;
  world.isClosing = true;
  people.rest();
  for (const gateway of gateways) {
    expect(gateway.isServing, `${gateway.name} does not serve although everything is well`);
  }
  for (const gateway of gateways) {
    const shipped = await scheduler.runUntilSettled(gateway.stop());
    expect(shipped, `${gateway.name} could not ship everything although everything is well`);
  }
  await scheduler.runUntil(scheduler.nowMs + MINUTE_MS);
  people.stop();
  const posts = checkPosts(world);
  checkGaps(world);
  checkChain(world);
  await checkWindow(world, posts);
  checkBillingHolds(world);
  await checkBilling(world, posts);
  await people.correctTariffAfterwards();
  await checkBilling(world, posts);
}
