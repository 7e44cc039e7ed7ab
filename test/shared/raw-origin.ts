/** An origin that gives the bytes of a response as they are, by the head of each request. */

import { onRequests, startByteOrigin } from '../support/origins/bytes.ts';
import type { Origin } from '../support/origins/listening.ts';

/** @param respond undefined ends the connection. */
export function startRawOrigin(respond: (head: string) => Buffer | undefined): Promise<Origin> {
  return startByteOrigin((socket) =>
    onRequests(socket, (request) => {
      const response = respond(request.slice(0, request.indexOf('\r\n\r\n') + 4));
      if (response !== undefined) socket.write(response);
      else socket.destroy();
    }),
  );
}
