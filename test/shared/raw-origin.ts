/** An origin that gives captured bytes of a socket as they are, by the target of each request. */

import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface RawOrigin {
  readonly url: string;
  stop(): Promise<void>;
}

/** A target that has no response ends its connection. */
export async function startRawOrigin(responses: ReadonlyMap<string, Buffer>): Promise<RawOrigin> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let asked = '';
    socket.on('data', (chunk) => {
      asked += chunk.toString('latin1');
      for (let end = asked.indexOf('\r\n\r\n'); end !== -1; end = asked.indexOf('\r\n\r\n')) {
        const response = responses.get(asked.split(' ', 2)[1]!);
        asked = asked.slice(end + 4);
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
