/** A client that sends the test's bytes and reads the response. */

import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Said {
  /** All received bytes, latin1. */
  readonly text: string;
  /** Status codes of the responses in order, including 1xx. */
  readonly statuses: readonly number[];
  /** True if the server closed the connection, in order or not. */
  readonly closed: boolean;
}

/** Closes a connection that the server keeps open after this long without another byte. */
const QUIET_MS = 700;
/** The same before the first byte: a busy machine may take a second to respond. */
const SILENT_MS = 4_000;

/** Sends the parts one after the other with a pause between them, and reads until the server closes or is quiet. */
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
      quiet = setTimeout(() => end(false), text === '' ? Math.max(quietMs, SILENT_MS) : quietMs);
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
