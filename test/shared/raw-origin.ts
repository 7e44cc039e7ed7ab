/** An origin that returns the bytes of a response unchanged, by the head of each request. */

import { onRequests, startByteOrigin } from '../support/origins/bytes.ts';
import type { Origin } from '../support/origins/listening.ts';

/** @param respond returns undefined to end the connection. */
export function startRawOrigin(respond: (head: string) => Buffer | undefined): Promise<Origin> {
  return startByteOrigin((socket) =>
    onRequests(socket, (request) => {
      const response = respond(request.slice(0, request.indexOf('\r\n\r\n') + 4));
      if (response !== undefined) socket.write(response);
      else socket.destroy();
    }),
  );
}
