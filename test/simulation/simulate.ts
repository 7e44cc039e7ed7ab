/** Runs one life from its seed: traffic and faults for some minutes, healing, and then everything is checked. */

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
  /** What went wrong; undefined: nothing did. */
  readonly fault: unknown;
  readonly events: number;
  readonly trace: readonly string[];
}

/** The same seed gives the same outcome, whatever machine it runs on. */
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

/** Tells two runs apart that differ in anything. */
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
  // Traffic on top of what is to be caught up with; or nothing new, so that all has to come by itself.
  if (random.chance(0.5)) traffic.stop();
  await scheduler.runUntil(endMs + 20_000);
  traffic.stop();
  if (world.healsAlone) await scheduler.runUntil(endMs + 1.5 * MINUTE_MS);
  else await restart(world);
  return people;
}

/** All gateways stop and start again, as at a new version. */
async function restart(world: World): Promise<void> {
  const { scheduler, gateways } = world;
  for (const gateway of gateways) await scheduler.runUntilSettled(gateway.stop());
  await scheduler.runUntil(scheduler.nowMs + 30_000);
}

/** Whoever runs the machines starts what is down. */
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
  // One that was stopping may take two minutes for it, and starts again.
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
