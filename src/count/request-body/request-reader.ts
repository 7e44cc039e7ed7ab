/**
 * Reads a request's body before the platform gets it, if the body decides what the response holds. An adapter keeps
 * the written chunks while the verdict is `hold`, then forwards or refuses the whole request.
 */

/** Why a request is refused before it reaches the platform. */
export interface RequestRefusal {
  readonly status: 400 | 408 | 413 | 415;
  /** Stable; used as the problem's `code`. */
  readonly code: string;
  /** For the client: the reason and what to send instead. */
  readonly detail: string;
}

/** `pass`: the chunks so far go to the platform, and later chunks follow as they arrive. */
export type Verdict = 'hold' | 'pass' | RequestRefusal;

export interface RequestReader {
  /** A refusal is final. `pass` may become a refusal until the body has ended. */
  readonly verdict: Verdict;
  /** Takes the next chunk of the body without keeping it. */
  write(chunk: Uint8Array): void;
  /** Called once the body is complete. */
  end(): void;
}

export interface RequestLimits {
  /** Maximum length of a body that is read, or of the fields of a form with files. */
  readonly maxBytes: number;
  /** Maximum time for which a body is held, in ms. */
  readonly maxMs: number;
}

/** @param detail for the client. */
export function notReadable(status: 400 | 413 | 415, detail: string): RequestRefusal {
  return { status, code: 'request_not_readable', detail };
}

export function tooLarge(maxBytes: number): RequestRefusal {
  return notReadable(
    413,
    `This gateway reads at most ${maxBytes} bytes of the body of such a request; send a shorter body.`,
  );
}

export function tooSlow(maxMs: number): RequestRefusal {
  return {
    status: 408,
    code: 'request_too_slow',
    detail: `The body of the request did not arrive within ${maxMs / 1000} s.`,
  };
}

/** Several readers of one body. The body passes once every reader lets it pass. */
export function severalReaders(readers: readonly RequestReader[]): RequestReader {
  return {
    get verdict() {
      const verdicts = readers.map(({ verdict }) => verdict);
      const refusal = verdicts.find((verdict) => typeof verdict === 'object');
      return refusal ?? (verdicts.includes('hold') ? 'hold' : 'pass');
    },
    write(chunk) {
      for (const reader of readers) reader.write(chunk);
    },
    end() {
      for (const reader of readers) reader.end();
    },
  };
}
