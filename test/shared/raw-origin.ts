/** An origin that gives the bytes of a response as they are, by the head of each request. */

import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface RawOrigin {
  readonly url: string;
  stop(): Promise<void>;
}

/** @param respond undefined ends the connection. */
export async function startRawOrigin(respond: (head: string) => Buffer | undefined): Promise<RawOrigin> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let asked = '';
    socket.on('data', (chunk) => {
      asked += chunk.toString('latin1');
      for (let head = headOf(asked); head !== undefined; head = headOf(asked)) {
        asked = asked.slice(head.length + lengthOf(head));
        const response = respond(head);
        if (response !== undefined) socket.write(response);
        else socket.destroy();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** With its blank line; undefined while the request is not there whole. */
function headOf(asked: string): string | undefined {
  const end = asked.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = asked.slice(0, end + 4);
  return asked.length < head.length + lengthOf(head) ? undefined : head;
}

function lengthOf(head: string): number {
  return Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
}
