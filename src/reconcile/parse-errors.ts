/** Lines that could not be parsed. All are counted; the first ones are kept with the start of their text. */

export interface ParseError {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly reason: string;
  /** The start of the line; null for a line that is too long to keep. */
  readonly text: string | null;
}

const MAX_SHOWN = 10;
const MAX_TEXT_CHARACTERS = 200;

export class ParseErrors {
  count = 0;
  readonly first: ParseError[] = [];

  add(fault: ParseError): void {
    this.count++;
    if (this.first.length >= MAX_SHOWN) return;
    this.first.push({ ...fault, text: fault.text?.slice(0, MAX_TEXT_CHARACTERS) ?? null });
  }
}
