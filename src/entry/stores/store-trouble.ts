/** Logs failures of a store: one line when it becomes unreachable, one when it is back, the rest at debug level. */

import type { Logger } from '../logs/log.ts';

export type Store = 'ledger' | 'window';

const NAMES: Readonly<Record<Store, string>> = { ledger: 'the ledger', window: 'the window store' };

export class StoreTrouble {
  readonly #log: Pick<Logger, 'debug' | 'info' | 'warn'>;
  readonly #monotonicMs: () => number;
  readonly #sinceMs = new Map<Store, number>();

  constructor(log: Pick<Logger, 'debug' | 'info' | 'warn'>, monotonicMs: () => number) {
    this.#log = log;
    this.#monotonicMs = monotonicMs;
  }

  failed(store: Store, error: Error): void {
    if (this.#sinceMs.has(store)) {
      this.#log.debug({ err: error, target: store }, `${NAMES[store]} is still unreachable`);
      return;
    }
    this.#sinceMs.set(store, this.#monotonicMs());
    this.#log.warn(
      { err: error, target: store },
      `${NAMES[store]} is unreachable; usage waits in the journal`,
    );
  }

  answered(store: Store): void {
    const sinceMs = this.#sinceMs.get(store);
    if (sinceMs === undefined) return;
    this.#sinceMs.delete(store);
    const seconds = Math.round((this.#monotonicMs() - sinceMs) / 1000);
    this.#log.info({ target: store, seconds }, `${NAMES[store]} is reachable again`);
  }
}
