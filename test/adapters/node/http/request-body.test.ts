import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  boundedBody,
  discardRest,
  hasBody,
  isTooLarge,
} from '../../../../src/adapters/node/http/request-body.ts';

let server: Server;
let answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void = () => {};

beforeAll(async () => {
  server = createServer((incoming, outgoing) => answer(incoming, outgoing));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const portOf = (): number => (server.address() as AddressInfo).port;

/** Returns the server's view of a request with these head lines. */
function received(...lines: string[]): Promise<IncomingMessage> {
  return new Promise((resolve) => {
    answer = (incoming, outgoing) => {
      outgoing.end();
      resolve(incoming);
    };
    connect(portOf(), '127.0.0.1').end(['POST / HTTP/1.1', 'Host: a', ...lines, '', ''].join('\r\n'));
  });
}

/**
 * Sends chunks to a body that is limited to ten bytes. Returns the forwarded bytes, the error code and the response
 * status.
 */
function through(
  chunks: readonly string[],
): Promise<{ text: string; code: unknown; status: number | undefined }> {
  return new Promise((resolve, reject) => {
    let text = '';
    let code: unknown;
    answer = (incoming, outgoing) => {
      const bounded = boundedBody(incoming, 10);
      bounded.on('data', (chunk) => {
        text += chunk;
      });
      bounded.on('error', (error) => {
        code = 'code' in error ? error.code : error;
        // The request is still open, so that it can be answered.
        expect(incoming.destroyed).toBe(false);
        outgoing.writeHead(413, { connection: 'close' }).end();
      });
      bounded.on('end', () => outgoing.end());
    };
    const request = httpRequest({ port: portOf(), host: '127.0.0.1', method: 'POST', agent: false });
    request.setHeader('transfer-encoding', 'chunked');
    request.on('response', (response) => {
      response.resume().on('end', () => resolve({ text, code, status: response.statusCode }));
    });
    request.on('error', reject);
    for (const chunk of chunks) request.write(chunk);
    request.end();
  });
}

describe('hasBody and isTooLarge', () => {
  it.each([
    [[], false, false],
    [['Content-Length: 0'], false, false],
    [['Content-Length: 10'], true, false],
    [['Content-Length: 11'], true, true],
    [['Transfer-Encoding: chunked'], true, false],
  ])('%j', async (lines, body, tooLarge) => {
    const incoming = await received(...lines);
    expect(hasBody(incoming)).toBe(body);
    expect(isTooLarge(incoming, 10)).toBe(tooLarge);
  });
});

describe('boundedBody', () => {
  it.each([[[]], [['12345']], [['12345', '67890']], [['1234567890']]])('forwards %j', async (chunks) => {
    expect(await through(chunks)).toEqual({ text: chunks.join(''), code: undefined, status: 200 });
  });

  it.each([[['12345678901']], [['12345', '67890', '1']], [['x'.repeat(1_000)]]])(
    "stops %j at the limit, and keeps the client's connection for the response",
    async (chunks) => {
      const { text, code, status } = await through(chunks);
      expect(text.length).toBeLessThanOrEqual(10);
      expect(code).toBe('POSTMETER_BODY_TOO_LARGE');
      expect(status).toBe(413);
    },
  );

  it('fails if the client disconnects in the middle, so that the upstream notices', async () => {
    const failed = new Promise<Error>((resolve) => {
      answer = (incoming) => boundedBody(incoming, 100).on('error', resolve).resume();
    });
    const socket = connect(portOf(), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n12345', () => socket.destroy());
    expect(await failed).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('discardRest', () => {
  it('discards the rest and reports when it is done', async () => {
    const order: string[] = [];
    answer = (incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-length': 2 });
      outgoing.write('ok');
      discardRest(incoming, () => {
        order.push('discarded');
        outgoing.end();
      });
    };
    const request = httpRequest({ port: portOf(), host: '127.0.0.1', method: 'POST', agent: false });
    request.write('x'.repeat(100_000));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    order.push('answered');
    response.resume();
    request.end('x'.repeat(100_000));
    await once(response, 'end');
    await expect.poll(() => order).toEqual(['answered', 'discarded']);
  });
});
