/** Exports of `ws` that are missing in its types. */

import type { Writable } from 'node:stream';

declare module 'ws' {
  type ExtensionParameters = Record<string, ReadonlyArray<string | true>>;

  /** Parses the header `Sec-WebSocket-Extensions`. Throws a SyntaxError. */
  const extension: { parse(header: string): Record<string, readonly ExtensionParameters[]> };

  class PerMessageDeflate {
    static readonly extensionName: string;
    constructor(options: {
      readonly isServer: boolean;
      readonly maxPayload: number;
      readonly threshold?: number;
    });
    /** Throws if a server must not respond with these parameters. */
    accept(configurations: readonly ExtensionParameters[]): unknown;
    cleanup(): void;
  }

  /** Emits `message` (data, isBinary) and `conclude` (the closing frame). Its errors carry a `code`. */
  class Receiver extends Writable {
    constructor(options: {
      readonly extensions: Readonly<Record<string, PerMessageDeflate>>;
      readonly isServer: boolean;
      readonly maxBufferedChunks: number;
      readonly maxFragments: number;
      readonly maxPayload: number;
    });
  }
}
