/** Finds a port of 127.0.0.1 that no process listens on at this moment. */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Another process may take the port first, so the caller retries with a new one. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
