/** A port of 127.0.0.1 that nobody listens on at this moment. */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Another process may take it before you do: who starts a server on it tries again with a new one. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
