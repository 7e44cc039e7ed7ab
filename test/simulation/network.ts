/**
 * Calls between a process and a server, with one message in each direction. Messages are lost, delayed, duplicated and
 * reordered. If `isTcp`, only in the ways that connections, the ends of processes and a client that resends unanswered
 * calls can cause.
 */

import type { SimulatedProcess } from './process.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Tally } from './tally.ts';

/** How the server can be reached now. */
export interface Weather {
  /** If true, no server is running and every call is refused. */
  isDown: boolean;
  /** Share of the calls that a fault affects. */
  faultRate: number;
  /** The longest delay of a message in milliseconds. */
  slowestMs: number;
}

export const FAIR: Readonly<Weather> = { isDown: false, faultRate: 0, slowestMs: 40 };

export interface NetworkOptions {
  readonly server: string;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly tally: Tally;
  /**
   * If false, any message may arrive at any time, answered or not, at any later process. If true:
   * - A message reaches the server process that it was sent to, or none: connections end with either side's process.
   * - The caller of a late message had given up, and has had another connection since.
   * - A duplicate was sent again because its connection broke before the reply. The server reads the first message to
   *   its end before, and the caller waits for the second (what ioredis does in a Cluster).
   * One possible case is missing: a killed process's machine may send for seconds what the process had written, and it
   * may arrive after the messages of the next process in the same folder if packets were lost at that very moment.
   */
  readonly isTcp: boolean;
}

/** After this time a caller gives up. */
const TIMEOUT_MS = 5_000;

export class Network {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #tally: Tally;
  readonly #server: string;
  readonly #isTcp: boolean;
  weather: Weather = { ...FAIR };
  /** Counts the processes that have been the server. */
  #life = 0;

  constructor({ server, scheduler, random, tally, isTcp }: NetworkOptions) {
    this.#server = server;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#tally = tally;
    this.#isTcp = isTcp;
  }

  /** Replaces the server by another process. */
  serverChanged(): void {
    this.#life++;
  }

  /** @param refused makes the error of a caller that reaches no server. */
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
      const life = this.#life;
      const arrive = (afterMs: number, isAnswered: boolean) =>
        this.#scheduler.at(afterMs, () => {
          if (this.#isTcp && !from.alive && afterMs > FAIR.slowestMs) return;
          if (this.weather.isDown || (this.#isTcp && life !== this.#life)) {
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
        case 'request twice': {
          const firstMs = this.#way();
          const secondMs = (this.#isTcp ? firstMs : this.#way()) + this.#random.int(1, TIMEOUT_MS);
          arrive(firstMs, !this.#isTcp);
          return arrive(secondMs, this.#isTcp);
        }
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
