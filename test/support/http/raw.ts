/** HTTP as bytes on sockets: a client that sends what a test says, and an origin that answers and records as bytes. */

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Said {
  /** All that came back, latin1. */
  readonly text: string;
  /** Status codes of the answers, in order, 1xx among them. */
  readonly statuses: readonly number[];
  /** The server closed the connection, in order or not. */
  readonly closed: boolean;
}

/** Lets a connection go that the server keeps open after this long without a byte. */
const QUIET_MS = 700;

/** Sends the parts one after the other, a moment apart, and reads until the server closes or is quiet. */
export function speak(
  url: string,
  parts: string | readonly (string | Buffer)[],
  { quietMs = QUIET_MS, pauseMs = 20, localAddress = '127.0.0.1' } = {},
): Promise<Said> {
  return new Promise((resolve) => {
    const { port, hostname } = new URL(url);
    const socket = connect({ port: Number(port), host: hostname, localAddress });
    let text = '';
    let quiet: NodeJS.Timeout | undefined;
    const end = (closed: boolean): void => {
      clearTimeout(quiet);
      socket.destroy();
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((found) => Number(found[1]));
      resolve({ text, statuses, closed });
    };
    const heard = (): void => {
      clearTimeout(quiet);
      quiet = setTimeout(() => end(false), quietMs);
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      heard();
    });
    socket.on('error', () => {});
    socket.on('close', () => end(true));
    socket.on('connect', async () => {
      for (const part of typeof parts === 'string' ? [parts] : parts) {
        if (socket.destroyed) return;
        socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
        await sleep(pauseMs);
      }
      heard();
    });
  });
}

export interface RawOrigin {
  readonly url: string;
  /** The requests that reached it, byte for byte, latin1. */
  readonly requests: string[];
  /** What the next requests for a path are answered with: bytes, or whatever the test does to the socket. */
  readonly answers: Map<string, string | ((socket: Socket) => void)>;
  /** The last request whose target is this path, or empty. */
  lastFor(path: string): string;
  stop(): Promise<void>;
}

const DEFAULT_BODY = '{"data":[{"id":1}]}';
const DEFAULT_ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${DEFAULT_BODY.length}\r\n\r\n${DEFAULT_BODY}`;

/** Answers each head as soon as it and its body are there. Reads as little into bytes as an origin can. */
export async function startRawOrigin(): Promise<RawOrigin> {
  const requests: string[] = [];
  const answers: RawOrigin['answers'] = new Map();
  const sockets = new Set<Socket>();
  // Otherwise Nagle's algorithm holds a second answer back until the next request acknowledges the first.
  const server = createServer({ noDelay: true }, (socket) => {
    let unread = '';
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      unread += chunk.toString('latin1');
      for (let length = requestLength(unread); length > 0; length = requestLength(unread)) {
        requests.push(unread.slice(0, length));
        const path = unread.split(' ')[1]!;
        unread = unread.slice(length);
        const answer = answers.get(path) ?? DEFAULT_ANSWER;
        if (typeof answer === 'string') socket.write(answer, 'latin1');
        else answer(socket);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answers,
    lastFor: (path) => requests.findLast((text) => text.split(' ')[1] === path) ?? '',
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** 0 while the first request in the text is not whole. */
function requestLength(text: string): number {
  const head = text.indexOf('\r\n\r\n') + 4;
  if (head < 4) return 0;
  const fields = text.slice(0, head);
  const length = /^content-length: *(\d+)/im.exec(fields);
  if (length !== null) return text.length < head + Number(length[1]) ? 0 : head + Number(length[1]);
  if (!/^transfer-encoding: *chunked/im.test(fields)) return head;
  const end = text.indexOf('0\r\n\r\n', head);
  return end < 0 ? 0 : end + 5;
}
