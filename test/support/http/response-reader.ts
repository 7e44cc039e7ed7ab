/**
 * A strict reader of HTTP/1.1 responses on a raw socket. The bytes after a response are the next response or an
 * error.
 */

import { connect, type Socket } from 'node:net';

export interface RawResponse {
  readonly status: number;
  /** Status line and fields, latin1. */
  readonly head: string;
  readonly body: Buffer;
  /** Fields after a chunked body, latin1; empty if there are none. */
  readonly trailers: string;
}

/** Connects to the port of `url` on 127.0.0.1. */
export function dial(url: string): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  return socket;
}

export class ResponseReader {
  #unread: Buffer = Buffer.alloc(0);
  #isClosed = false;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.#unread = Buffer.concat([this.#unread, chunk]);
      this.#wake();
    });
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /** Bytes that belong to no response so far. */
  get unread(): Buffer {
    return this.#unread;
  }

  /** The next response, 1xx included. Rejects if the connection closes before its end, or if its framing is wrong. */
  async next(isHead = false): Promise<RawResponse> {
    const headEnd = await this.#find('\r\n\r\n', 0);
    const head = this.#take(headEnd + 4).toString('latin1');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    if (Number.isNaN(status)) throw new Error(`no response begins with: ${head.slice(0, 200)}`);
    if (isHead || status < 200 || status === 204 || status === 304) {
      return { status, head, body: Buffer.alloc(0), trailers: '' };
    }
    if (/^transfer-encoding: *chunked\r$/im.test(head)) return { status, head, ...(await this.#chunked()) };
    const length = /^content-length: *(\d+)\r$/im.exec(head)?.[1];
    if (length === undefined) throw new Error(`no framing: ${head}`);
    await this.#wait(() => this.#unread.length >= Number(length));
    return { status, head, body: this.#take(Number(length)), trailers: '' };
  }

  async #chunked(): Promise<Pick<RawResponse, 'body' | 'trailers'>> {
    const chunks: Buffer[] = [];
    for (;;) {
      const line = this.#take((await this.#find('\r\n', 0)) + 2).toString('latin1');
      if (!/^[0-9a-f]+\r\n$/i.test(line)) throw new Error(`not a chunk size: ${JSON.stringify(line)}`);
      const size = Number.parseInt(line, 16);
      if (size === 0) break;
      await this.#wait(() => this.#unread.length >= size + 2);
      chunks.push(this.#take(size));
      if (this.#take(2).toString('latin1') !== '\r\n') throw new Error('a chunk is longer than its size');
    }
    let trailers = '';
    for (;;) {
      const line = this.#take((await this.#find('\r\n', 0)) + 2).toString('latin1');
      if (line === '\r\n') return { body: Buffer.concat(chunks), trailers };
      trailers += line;
    }
  }

  async #find(mark: string, from: number): Promise<number> {
    await this.#wait(() => this.#unread.includes(mark, from));
    return this.#unread.indexOf(mark, from);
  }

  #take(bytes: number): Buffer {
    const taken = this.#unread.subarray(0, bytes);
    this.#unread = this.#unread.subarray(bytes);
    return taken;
  }

  async #wait(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      if (this.#isClosed) {
        throw new Error(`closed after ${JSON.stringify(this.#unread.toString('latin1').slice(-100))}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
