/** Calls listeners at the end of the current turn of the event loop, with one immediate for all of them. */

export interface TurnEndListener {
  onTurnEnd(): void;
}

export class TurnScheduler {
  #waiting: TurnEndListener[] = [];
  #scheduled = false;

  add(waiter: TurnEndListener): void {
    this.#waiting.push(waiter);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#run);
  }

  readonly #run = (): void => {
    const due = this.#waiting;
    this.#waiting = [];
    this.#scheduled = false;
    for (const waiter of due) waiter.onTurnEnd();
  };
}
