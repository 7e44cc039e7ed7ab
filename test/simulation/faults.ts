/** The kinds of faults and their durations. Each kind occurs at random, at any moment of a run. */

import { FAIR, type Network } from './network.ts';
import type { People } from './people.ts';
import { MINUTE_MS, type World } from './world.ts';

interface Fault {
  readonly name: string;
  readonly weight: number;
  readonly strike: (world: World, people: People) => void;
}

const FAULTS: readonly Fault[] = [
  { name: 'gateway killed', weight: 3, strike: (world) => anyGateway(world).kill() },
  { name: 'gateway loses power', weight: 3, strike: (world) => anyGateway(world).losePower() },
  {
    name: 'gateway dies at a step of its disk',
    weight: 4,
    strike: (world) => {
      anyGateway(world).platter.weather.operationsToCrash = world.random.int(0, 30);
    },
  },
  { name: 'gateway stops and starts', weight: 2, strike: (world) => void anyGateway(world).stop() },
  { name: 'clock of a gateway steps', weight: 2, strike: stepClock },
  { name: 'disk full', weight: 2, strike: fillDisk },
  {
    name: 'disk fails',
    weight: 2,
    strike: (world) => {
      const { platter } = anyGateway(world);
      platter.weather.failureRate = world.random.pick([0.1, 0.5, 1]);
      healLater(world, () => platter.repair());
    },
  },
  {
    name: 'disk read-only',
    weight: 1,
    strike: (world) => {
      const { platter } = anyGateway(world);
      platter.weather.isReadOnly = true;
      healLater(world, () => platter.repair());
    },
  },
  { name: 'ledger away', weight: 2, strike: (world) => goAway(world, world.ledger.network) },
  { name: 'ledger slow', weight: 1, strike: (world) => slow(world, world.ledger.network) },
  {
    name: 'network to the ledger faulty',
    weight: 3,
    strike: (world) => disturb(world, world.ledger.network),
  },
  { name: 'ledger fails over', weight: 3, strike: failOver },
  {
    name: 'ledger read-only',
    weight: 1,
    strike: (world) => {
      world.ledger.isReadOnly = true;
      healLater(world, () => {
        world.ledger.isReadOnly = false;
      });
    },
  },
  {
    name: 'connections to the ledger break',
    weight: 3,
    strike: (world) => {
      world.ledger.breakRate = world.random.pick([0.05, 0.2, 0.5]);
      healLater(world, () => {
        world.ledger.breakRate = 0;
      });
    },
  },
  { name: 'window store flushed', weight: 2, strike: (world) => world.window.flush() },
  { name: 'window store away', weight: 2, strike: (world) => goAway(world, world.window.network) },
  { name: 'window store slow', weight: 1, strike: (world) => slow(world, world.window.network) },
  {
    name: 'network to the window store faulty',
    weight: 2,
    strike: (world) => disturb(world, world.window.network),
  },
  {
    name: 'window store fails over',
    weight: 3,
    strike: (world) => void world.window.failOver(world.random.int(0, 6)),
  },
  { name: 'biller killed', weight: 2, strike: (_world, people) => people.killBiller() },
  {
    name: 'two billers at once',
    weight: 1,
    strike: (world) => {
      world.ledger.leadsTwo = true;
    },
  },
  { name: 'tariff corrected', weight: 2, strike: (_world, people) => people.correctTariff() },
  { name: 'identifier moved', weight: 2, strike: (_world, people) => people.moveIdentifier() },
  { name: 'client on hold', weight: 1, strike: (_world, people) => people.holdClients() },
];

const BY_WEIGHT = FAULTS.flatMap((fault) => Array.from({ length: fault.weight }, () => fault));

/** Applies one fault now. */
export function strike(world: World, people: People): void {
  const fault = world.random.pick(BY_WEIGHT);
  world.tally.count(`fault: ${fault.name}`);
  world.scheduler.tell(`fault: ${fault.name}`);
  fault.strike(world, people);
}

/** Ends all faults. */
export function healAll(world: World): void {
  world.ledger.network.weather = { ...FAIR };
  world.window.network.weather = { ...FAIR };
  world.ledger.breakRate = 0;
  world.ledger.isReadOnly = false;
  for (const gateway of world.gateways) {
    gateway.platter.repair();
    gateway.clockOffMs = 0;
  }
}

function anyGateway(world: World) {
  return world.random.pick(world.gateways);
}

function healLater(world: World, heal: () => void): void {
  world.scheduler.at(world.random.int(1_000, MINUTE_MS), heal);
}

function goAway(world: World, network: Network): void {
  network.weather = { ...network.weather, isDown: true };
  healLater(world, () => {
    network.weather = { ...network.weather, isDown: false };
  });
}

function slow(world: World, network: Network): void {
  network.weather = { ...network.weather, slowestMs: world.random.int(1_000, 20_000) };
  healLater(world, () => {
    network.weather = { ...network.weather, slowestMs: FAIR.slowestMs };
  });
}

function disturb(world: World, network: Network): void {
  network.weather = { ...network.weather, faultRate: world.random.pick([0.1, 0.3, 0.7]) };
  healLater(world, () => {
    network.weather = { ...network.weather, faultRate: 0 };
  });
}

function stepClock(world: World): void {
  const { random } = world;
  const sizeMs = random.int(0, random.pick([500, 3_000, 30_000, 90_000, 600_000]));
  world.clocksStepped = true;
  world.clocksFarOff ||= sizeMs > MINUTE_MS;
  anyGateway(world).clockOffMs = random.chance(0.5) ? sizeMs : -sizeMs;
}

function fillDisk(world: World): void {
  if (!world.mayGiveWay) return;
  const { platter } = anyGateway(world);
  platter.weather.leftBytes = world.random.int(0, 400);
  healLater(world, () => platter.repair());
}

/**
 * A copy without the last transactions. It has every issued invoice, because an invoice counts as issued once the copy
 * has it.
 */
function failOver(world: World): void {
  const { ledger } = world.ledger;
  const copies = world.copies.filter((copy) => copy.lastNumber === ledger.state.lastNumber);
  const copy = copies.length === 0 ? ledger.state : world.random.pick(copies.slice(-3));
  world.ledger.failOver(copy);
  world.failovers++;
}
