/** Calls between a process and a server, each a message there and one back: lost, late, given twice, out of order. */

import type { SimulatedProcess } from './process.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Tally } from './tally.ts';

/** How a server can be reached now. */
export interface Weather {
  /** Nobody is there: every call is refused. */
  isDown: boolean;
  /** Share of the calls that something happens to. */
  faultRate: number;
  /** The longest way of a message, milliseconds. */
  slowestMs: number;
}

export const FAIR: Readonly<Weather> = { isDown: false, faultRate: 0, slowestMs: 40 };

/** After this a caller gives up. */
const TIMEOUT_MS = 5_000;

export class Network {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #tally: Tally;
  readonly #server: string;
  weather: Weather = { ...FAIR };
  /**
   * What is late ends with the process that sent it. A store in which a request that comes late, after those of the next
   * process in the same folder, does harm: it does not come, as the end of a connection is seen before the next begins.
   */
  readonly #endsWithSender: boolean;

  constructor(server: string, scheduler: Scheduler, random: Random, tally: Tally, endsWithSender = false) {
    this.#endsWithSender = endsWithSender;
    this.#server = server;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#tally = tally;
  }

  /** @param refused how the caller sees that nobody answers. */
  call<T>(
    from: SimulatedProcess,
    what: string,
    execute: () => Promise<T>,
    refused: (reason: string) => Error,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const answer = (tell: () => void) => from.later(this.#way(), tell);
      const giveUp = (reason: string) =>
        from.later(this.#random.int(100, TIMEOUT_MS), () => reject(refused(reason)));
      const arrive = (afterMs: number, isAnswered: boolean) =>
        this.#scheduler.at(afterMs, () => {
          if (this.#endsWithSender && !from.alive && afterMs > FAIR.slowestMs) return;
          if (this.weather.isDown) {
            if (isAnswered) answer(() => reject(refused('connection refused')));
            return;
          }
          execute().then(
            (value) => isAnswered && answer(() => resolve(value)),
            (error: unknown) => isAnswered && answer(() => reject(error)),
          );
        });
      switch (this.#fate(what)) {
        case 'fine':
          return arrive(this.#way(), true);
        case 'request lost':
          return giveUp('no answer');
        case 'answer lost':
          arrive(this.#way(), false);
          return giveUp('no answer');
        case 'request late':
          arrive(this.#random.int(TIMEOUT_MS, 6 * TIMEOUT_MS), false);
          return giveUp('no answer');
        case 'request twice':
          arrive(this.#way(), true);
          return arrive(this.#way() + this.#random.int(0, TIMEOUT_MS), false);
      }
    });
  }

  #way(): number {
    return 1 + this.#random.next() ** 3 * this.weather.slowestMs;
  }

  #fate(what: string) {
    if (!this.#random.chance(this.weather.faultRate)) return 'fine';
    const fate = this.#random.pick(['request lost', 'answer lost', 'request late', 'request twice'] as const);
    this.#tally.count(`${this.#server}: ${fate}`);
    this.#scheduler.tell(`${this.#server}: ${what}: ${fate}`);
    return fate;
  }
}
