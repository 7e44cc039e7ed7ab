/** An origin that speaks WebSocket by path, with and without compression, or as raw bytes. */

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type PerMessageDeflateOptions, type WebSocket, WebSocketServer } from 'ws';
import type { Origin } from './listening.ts';
import { startOrigin } from './scripted.ts';

export interface SocketOrigin extends Origin {
  /** Resolves with the origin's end of the next WebSocket. */
  next(): Promise<WebSocket>;
  /** Resolves with the origin's end of the next connection to a path below /raw. */
  nextRaw(): Promise<Duplex>;
}

/** Selected by the query's `compress`. Applies to every message, however short. */
const COMPRESSIONS: Readonly<Record<string, PerMessageDeflateOptions | boolean>> = {
  no: false,
  yes: { threshold: 0 },
  alone: { threshold: 0, serverNoContextTakeover: true },
  small: { threshold: 0, serverMaxWindowBits: 9 },
};
export const COMPRESSION_NAMES = Object.keys(COMPRESSIONS);

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export async function startSocketOrigin(): Promise<SocketOrigin> {
  const waiting: Array<(socket: WebSocket) => void> = [];
  const waitingRaw: Array<(socket: Duplex) => void> = [];
  const servers = new Map(
    Object.entries(COMPRESSIONS).map(([name, perMessageDeflate]) => [
      name,
      new WebSocketServer({ noServer: true, perMessageDeflate }),
    ]),
  );
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const { pathname, searchParams } = new URL(request.url!, 'http://origin');
    if (!pathname.startsWith('/raw')) {
      const sender = servers.get(searchParams.get('compress') ?? 'no')!;
      sender.handleUpgrade(request, socket, head, (end) => {
        end.on('error', () => {});
        waiting.shift()?.(end);
      });
      return;
    }
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}${GUID}`)
      .digest('base64');
    const extensions = searchParams.get('extensions');
    const lines = [
      'HTTP/1.1 101 Switching Protocols',
      'Connection: Upgrade',
      `Upgrade: ${request.headers.upgrade}`,
      `Sec-WebSocket-Accept: ${accept}`,
      ...(extensions === null ? [] : [`Sec-WebSocket-Extensions: ${extensions}`]),
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    waitingRaw.shift()?.(socket);
  };
  const origin = await startOrigin((_request, response) => response.end('no socket'), { onUpgrade });
  return {
    ...origin,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    nextRaw: () => new Promise((resolve) => waitingRaw.push(resolve)),
  };
}
