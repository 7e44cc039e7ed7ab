/** Runs what waits for the end of this turn of the event loop: one immediate for all, not a timer per request. */

export interface TurnEnd {
  onTurnEnd(): void;
}

export class EndOfTurn {
  #waiting: TurnEnd[] = [];
  #scheduled = false;

  add(waiter: TurnEnd): void {
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
