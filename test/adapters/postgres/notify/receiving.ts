/** A receiver for tests: a real HTTP server that keeps what it got and answers as it is told. */

import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
}

export interface Receiving {
  readonly url: string;
  readonly got: Got[];
  /** Answers a request. Default: 204. */
  answer: (response: ServerResponse, got: Got) => void;
  close(): Promise<void>;
}

export async function startReceiving(): Promise<Receiving> {
  const got: Got[] = [];
  const rig = { answer: (response: ServerResponse, _got: Got): void => void response.writeHead(204).end() };
  const server = createServer(async (request, response) => {
    const one = { headers: request.headers, body: await text(request), path: request.url ?? '' };
    got.push(one);
    rig.answer(response, one);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return Object.assign(rig, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    got,
    close: () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  });
}

/** Checks a signature as the Standard Webhooks specification has it, without the library that signs. */
export function isSignedWith(secret: string, { headers, body }: Got): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(expected);
}
