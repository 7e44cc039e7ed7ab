/** The parts of `ws` that it exports, and that its types leave out. */

import type { Writable } from 'node:stream';

declare module 'ws' {
  type ExtensionParameters = Record<string, ReadonlyArray<string | true>>;

  /** Of the header `Sec-WebSocket-Extensions`. `parse` throws a SyntaxError. */
  const extension: { parse(header: string): Record<string, readonly ExtensionParameters[]> };

  class PerMessageDeflate {
    static readonly extensionName: string;
    constructor(options: {
      readonly isServer: boolean;
      readonly maxPayload: number;
      readonly threshold?: number;
    });
    /** Throws where the parameters are none that a server may answer. */
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
