import type { Duplex } from 'node:stream';

declare module 'ws' {
  interface SendOptions {
    readonly fin: boolean;
    readonly binary: boolean;
    readonly compress: boolean;
    readonly mask: boolean;
  }

  /** Writes frames; like the receiver, `ws` exports it and its types leave it out. */
  class Sender {
    constructor(socket: Duplex, extensions: Readonly<Record<string, PerMessageDeflate>>);
    send(data: Uint8Array, options: SendOptions, done: () => void): void;
    ping(data: string, mask: boolean, done: () => void): void;
  }
}
