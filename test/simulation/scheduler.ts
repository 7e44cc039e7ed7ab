/** Simulated time: events in the order of their moments, each run until nothing but later events is left of it. */

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** More events than any run has that comes to an end. */
const MAX_EVENTS = 30_000;
const EVENTS_A_TURN = 32;

export class Scheduler {
  /** True time, epoch milliseconds UTC. */
  nowMs: number;
  /** What happened, for people to read; the same for the same seed. */
  readonly trace: string[] = [];
  /** The first thing that went wrong: what follows may be its consequence. */
  fault: unknown;
  events = 0;
  #heap: Event[] = [];
  #order = 0;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  /** Whole milliseconds, rounded up. */
  at(delayMs: number, run: () => void): void {
    const event = { atMs: this.nowMs + Math.max(0, Math.ceil(delayMs)), order: this.#order++, run };
    const heap = this.#heap;
    let at = heap.length;
    for (let above = (at - 1) >> 1; at > 0 && isBefore(event, heap[above]!); above = (at - 1) >> 1) {
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = event;
  }

  tell(text: string): void {
    this.trace.push(`${((this.nowMs % 86_400_000) / 1000).toFixed(3)} ${text}`);
  }

  /** Runs all events up to `untilMs`, or up to the first fault. */
  async runUntil(untilMs: number): Promise<void> {
    await this.#runWhile(() => this.#heap.length > 0 && this.#heap[0]!.atMs <= untilMs);
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  /** Runs events until the promise has settled; throws what it throws, or where no event is left that could do it. */
  async runUntilSettled<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const watched = promise.finally(() => {
      done = true;
    });
    watched.catch(() => {});
    await this.#runWhile(() => !done);
    return done ? watched : Promise.reject(this.fault);
  }

  /**
   * Node runs everything that waits on nothing but promises between two immediates, so each event has one of its own.
   * Many of one turn of its loop: 0.5 µs each, where a turn for each takes 2 (measured). No real time is waited for.
   */
  #runWhile(goesOn: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      const next = () => {
        if (isOver) return;
        try {
          isOver = this.fault !== undefined || !goesOn();
          if (isOver) resolve();
          else this.#runNext();
        } catch (fault) {
          isOver = true;
          reject(fault);
        }
      };
      const turn = () => {
        if (isOver) return;
        for (let count = 0; count < EVENTS_A_TURN; count++) setImmediate(next);
        setImmediate(turn);
      };
      turn();
    });
  }

  #runNext(): void {
    if (this.#heap.length === 0)
      throw new Error('nothing is left that could happen, and it has not come to an end');
    if (++this.events > MAX_EVENTS)
      throw new Error(`more than ${MAX_EVENTS} events: it goes round in circles`);
    const event = this.#pop();
    this.nowMs = event.atMs;
    try {
      event.run();
    } catch (fault) {
      this.fault ??= fault;
    }
  }

  #pop(): Event {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (!isBefore(heap[below]!, last)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
