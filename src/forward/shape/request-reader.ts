/**
 * Reads a request's body before the platform gets it, where the body decides what the answer holds. An adapter keeps
 * what it has written while the verdict is `hold`, then forwards all of it, or refuses.
 */

/** Why a request is refused before the platform is asked. */
export interface Refusal {
  readonly status: 400 | 408 | 413 | 415;
  /** Stable, for the problem's `code`. */
  readonly code: string;
  /** For the client: the reason and what to send instead. */
  readonly detail: string;
}

/** `pass`: what was written may go to the platform, and what follows as it comes. */
export type Verdict = 'hold' | 'pass' | Refusal;

export interface RequestReader {
  /** A refusal is final; `pass` may become one as long as the body has not ended. */
  readonly verdict: Verdict;
  /** Takes the next chunk of the body, which is not kept. */
  write(chunk: Uint8Array): void;
  /** The body is whole. */
  end(): void;
}

export interface RequestLimits {
  /** Longest body, or fields of a form with files, that is read. */
  readonly maxBytes: number;
  /** Longest time for which a body is held, in ms. */
  readonly maxMs: number;
}

export function tooLarge({ maxBytes }: RequestLimits): Refusal {
  return {
    status: 413,
    code: 'request_not_readable',
    detail: `This gateway reads the body of such a request up to ${maxBytes} bytes; send a shorter one.`,
  };
}

export function tooSlow(maxMs: number): Refusal {
  return {
    status: 408,
    code: 'request_too_slow',
    detail: `The body of the request did not arrive within ${maxMs / 1000} s.`,
  };
}

/** Several readers of one body: it passes when all let it pass. */
export class SeveralReaders implements RequestReader {
  readonly #readers: readonly RequestReader[];

  constructor(readers: readonly RequestReader[]) {
    this.#readers = readers;
  }

  get verdict(): Verdict {
    const verdicts = this.#readers.map(({ verdict }) => verdict);
    return (
      verdicts.find((verdict) => typeof verdict === 'object') ?? (verdicts.includes('hold') ? 'hold' : 'pass')
    );
  }

  write(chunk: Uint8Array): void {
    for (const reader of this.#readers) reader.write(chunk);
  }

  end(): void {
    for (const reader of this.#readers) reader.end();
  }
}
