/**
 * The verdicts of reverse DNS that this process knows. Unknown ones are found behind the request, by few queries at a
 * time, because clients choose which addresses are asked for and may own the servers that answer.
 */

import { LRUCache } from 'lru-cache';
import type { Address } from '../address.ts';
import type { CatalogueAgent } from '../asker/port.ts';
import type { FindVerdict, ReverseResult, ReverseVerdict } from './port.ts';
import { isDueForRenewal } from './verdict-life.ts';

export interface KnownVerdictsOptions {
  readonly find: FindVerdict;
  readonly nowMs: () => number;
  /** Keeps the runtime alive until the promise settles. Default: nothing, because a process stays alive. */
  readonly keepAlive?: (work: Promise<void>) => void;
  /** Default 32. */
  readonly maxInFlight?: number;
  /** Default 1,000. Addresses beyond it are not asked for until their next request. */
  readonly maxWaiting?: number;
  readonly onError: (error: unknown) => void;
}

interface Task {
  readonly key: string;
  readonly address: Address;
  readonly agent: CatalogueAgent;
}

interface Known extends ReverseVerdict {
  /** Errors in a row. */
  readonly failures: number;
}

const MAX_KNOWN = 100_000;
const MINUTE_MS = 60_000;
const MAX_ERROR_MINUTES = 5;

export class KnownVerdicts {
  readonly #options: KnownVerdictsOptions;
  readonly #known = new LRUCache<string, Known>({ max: MAX_KNOWN });
  /** Keys that wait or are asked for. */
  readonly #asked = new Set<string>();
  readonly #waiting: Task[] = [];
  #inFlight = 0;
  #dropped = 0;

  constructor(options: KnownVerdictsOptions) {
    this.#options = options;
  }

  /** Addresses that were not asked for because too many waited. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The result for the address; `pending` if there is none yet. */
  of(address: Address, agent: CatalogueAgent, nowMs: number): ReverseResult | 'pending' {
    const key = `${address.text} ${agent.token}`;
    const known = this.#known.get(key);
    if (known === undefined || nowMs >= known.untilMs) {
      this.#ask({ key, address, agent });
      return 'pending';
    }
    if (known.result === 'verified' && isDueForRenewal(known, nowMs)) this.#ask({ key, address, agent });
    return known.result;
  }

  #ask(task: Task): void {
    if (this.#asked.has(task.key)) return;
    const { maxInFlight = 32, maxWaiting = 1_000, keepAlive = () => {} } = this.#options;
    if (this.#inFlight < maxInFlight) {
      this.#asked.add(task.key);
      keepAlive(this.#run(task));
    } else if (this.#waiting.length < maxWaiting) {
      this.#asked.add(task.key);
      this.#waiting.push(task);
    } else this.#dropped++;
  }

  /** Finds one verdict, and then those that wait. */
  async #run(first: Task): Promise<void> {
    this.#inFlight++;
    for (let task: Task | undefined = first; task !== undefined; task = this.#waiting.shift()) {
      await this.#findOne(task);
      this.#asked.delete(task.key);
    }
    this.#inFlight--;
  }

  async #findOne({ key, address, agent }: Task): Promise<void> {
    const { find, nowMs, onError } = this.#options;
    try {
      const verdict = await find(address, agent);
      if (verdict.result === 'error') this.#keepError(key, verdict);
      else this.#known.set(key, { ...verdict, failures: 0 });
    } catch (error) {
      onError(error);
      this.#keepError(key, { result: 'error', names: [], checkedAtMs: nowMs(), untilMs: 0 });
    }
  }

  /** An error lasts one to five minutes, more with each one, and never replaces a verdict that still holds. */
  #keepError(key: string, verdict: ReverseVerdict): void {
    const known = this.#known.get(key);
    if (known !== undefined && known.result !== 'error' && known.untilMs > verdict.checkedAtMs) return;
    const failures = (known?.failures ?? 0) + 1;
    const untilMs = verdict.checkedAtMs + Math.min(failures, MAX_ERROR_MINUTES) * MINUTE_MS;
    this.#known.set(key, { ...verdict, untilMs, failures });
  }
}
