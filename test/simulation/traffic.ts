/** The requests of clients, and the identifiers that they use. */

import type { World } from './world.ts';

const CLIENTS = ['amber', 'birch', 'cedar', 'addr:198.51.100.7'] as const;

export class Traffic {
  readonly clients: readonly string[] = CLIENTS;
  /** Each identifier's client, as gateways know it now. */
  readonly owners = new Map<string, string>();
  readonly #world: World;
  #isOver = false;

  constructor(world: World) {
    this.#world = world;
    for (const client of CLIENTS) for (const key of ['1', '2']) this.owners.set(`${client}-${key}`, client);
  }

  start(): void {
    const { scheduler, random } = this.#world;
    const everyMs = random.int(2_000, 8_000);
    const next = () => {
      if (this.#isOver) return;
      this.#burst();
      scheduler.at(random.next() * 2 * everyMs, next);
    };
    scheduler.at(0, next);
  }

  stop(): void {
    this.#isOver = true;
  }

  /** Responses that end in the same turn of the event loop. */
  #burst(): void {
    const { random, gateways } = this.#world;
    const up = gateways.filter((gateway) => gateway.isServing);
    if (up.length === 0) return;
    const gateway = random.pick(up);
    for (let count = random.pick([1, 1, 1, 2, 4]); count > 0; count--) {
      const [identifierId, clientId] = random.pick([...this.owners]);
      gateway.serve({ clientId, identifierId, posts: random.chance(0.1) ? 0 : random.int(1, 20) });
    }
  }
}
