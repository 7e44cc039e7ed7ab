/** Lines that could not be read: all are counted, the first are kept to be shown. */

export interface FaultyLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

const SHOWN = 10;

export class FaultyLines {
  count = 0;
  readonly first: FaultyLine[] = [];

  add(fault: FaultyLine): void {
    this.count++;
    if (this.first.length < SHOWN) this.first.push(fault);
  }
}
