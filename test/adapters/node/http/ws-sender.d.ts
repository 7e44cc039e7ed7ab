import type { Duplex } from 'node:stream';

declare module 'ws' {
  interface SendOptions {
    readonly fin: boolean;
    readonly binary: boolean;
    readonly compress: boolean;
    readonly mask: boolean;
  }

  /** Writes frames. `ws` exports it like the receiver, but its types omit it. */
  class Sender {
    constructor(socket: Duplex, extensions: Readonly<Record<string, PerMessageDeflate>>);
    send(data: Uint8Array, options: SendOptions, done: () => void): void;
    ping(data: string, mask: boolean, done: () => void): void;
  }
}
