/** A server whose responses the test writes itself, one for each request that the client sends. */

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll } from 'vitest';

export interface Arrived {
  readonly client: Socket;
  readonly outgoing: ServerResponse;
  /** Returns everything that the client has read. */
  heard(): string;
}

/** Runs for the tests of a file. The client reads unless `reads` is false. */
export function arriving(): (request: string, reads?: boolean) => Promise<Arrived> {
  let asked: (outgoing: ServerResponse) => void = () => {};
  const server = createServer((_incoming, outgoing) => asked(outgoing));
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return async (request, reads = true) => {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => {});
    let heard = '';
    if (reads) {
      client.on('data', (chunk) => {
        heard += chunk.toString('latin1');
      });
    }
    const arrived = new Promise<ServerResponse>((resolve) => {
      asked = resolve;
    });
    client.write(request);
    return { client, outgoing: await arrived, heard: () => heard };
  };
}
