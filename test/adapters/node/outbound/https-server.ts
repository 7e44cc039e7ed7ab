/** An HTTPS server for tests, with a certificate of its own for one name. It keeps the requests that it receives. */

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface HttpsServer {
  readonly port: number;
  /** PEM of its certificate, which is its own authority. */
  readonly ca: string;
  readonly requests: IncomingMessage[];
  connections: number;
  answer: (response: ServerResponse, request: IncomingMessage) => void;
  close(): Promise<void>;
}

export async function startHttpsServer(name: string): Promise<HttpsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'postmeter-https-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const files = ['-keyout', keyFile, '-out', certFile];
  const subject = ['-days', '2', '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  await promisify(execFile)('openssl', [...request, ...files, ...subject]);
  const [key, cert] = await Promise.all([readFile(keyFile, 'utf8'), readFile(certFile, 'utf8')]);
  await rm(folder, { recursive: true });
  const answering: RequestListener = (request, response) => {
    running.requests.push(request);
    running.answer(response, request);
  };
  const server = createServer({ key, cert }, answering);
  server.on('connection', () => running.connections++);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const running: HttpsServer = {
    port: (server.address() as AddressInfo).port,
    ca: cert,
    requests: [],
    connections: 0,
    answer: (response) => void response.writeHead(404).end(),
    close: () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
  return running;
}
