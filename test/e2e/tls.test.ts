/**
 * TLS on both sides: certificates that change at run time, and an upstream that is trusted only by its own authority.
 */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { speak } from '../support/http/speak.ts';
import type { Origin } from '../support/origins/listening.ts';
import { startOrigin } from '../support/origins/scripted.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';
import { type Origin as Platform, startOrigin as startPlatform } from './origin.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const NAME = 'platform.example';
const openssl = (...args: string[]) => promisify(execFile)('openssl', args);

let folder: string;
let database: FreshDatabase;
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postmeter-tls-'));
  database = await freshDatabase('tls');
  for (const ca of ['ca', 'other-ca']) await makeAuthority(ca);
  await makeCertificate('ca', 'first', `DNS:${NAME},IP:127.0.0.1`);
  await makeCertificate('ca', 'second', `DNS:${NAME},IP:127.0.0.1`);
  await makeCertificate('ca', 'upstream', `DNS:${NAME}`);
});

afterAll(async () => {
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

async function makeAuthority(name: string): Promise<void> {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    file(`${name}.key`),
  ];
  await openssl('req', '-x509', ...key, '-out', file(`${name}.pem`), '-days', '2', '-subj', `/CN=${name}`);
}

async function makeCertificate(ca: string, name: string, subjectAltName: string): Promise<void> {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    file(`${name}.key`),
  ];
  await openssl('req', ...key, '-out', file(`${name}.csr`), '-subj', `/CN=${name}`);
  await writeFile(file(`${name}.ext`), `subjectAltName=${subjectAltName}`);
  const signed = ['-CA', file(`${ca}.pem`), '-CAkey', file(`${ca}.key`), '-CAcreateserial', '-days', '2'];
  await openssl(
    'x509',
    '-req',
    '-in',
    file(`${name}.csr`),
    ...signed,
    '-extfile',
    file(`${name}.ext`),
    '-out',
    file(`${name}.pem`),
  );
}

/** A verified connection. The test writes HTTP on it directly. */
class Client {
  readonly socket: TLSSocket;
  #text = '';

  constructor(url: string, ca: Buffer) {
    this.socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', ca, servername: NAME });
    this.socket.on('data', (chunk) => {
      this.#text += chunk.toString('latin1');
    });
    this.socket.on('error', () => {});
  }

  async certificate(): Promise<string> {
    if (!this.socket.authorized) await once(this.socket, 'secureConnect');
    return String(this.socket.getPeerCertificate().subject.CN);
  }

  async ask(path: string): Promise<string> {
    this.#text = '';
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`);
    await vi.waitFor(() => expect(this.#text).toMatch(/\r\n\r\n/), { timeout: 30_000 });
    return this.#text;
  }
}

describe('from clients', () => {
  let origin: Platform;
  let gateway: GatewayProcess;
  let ca: Buffer;

  beforeAll(async () => {
    ca = await readFile(file('ca.pem'));
    await use('first');
    origin = await startPlatform();
    gateway = await startGatewayProcess({
      upstream: origin.url,
      env: { DATABASE_URL: database.url },
      config: { listen: { tls: { certFile: file('live.pem'), keyFile: file('live.key') } } },
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await origin?.stop();
  });

  /** Replaces each file as a whole, as a renewal does. */
  async function use(name: string): Promise<void> {
    for (const kind of ['pem', 'key']) {
      await copyFile(file(`${name}.${kind}`), file(`new.${kind}`));
      await rename(file(`new.${kind}`), file(`live.${kind}`));
    }
  }

  async function served(): Promise<string> {
    const client = new Client(gateway.url, ca);
    const name = await client.certificate();
    client.socket.destroy();
    return name;
  }

  it('serves TLS, and the upstream learns of it', async () => {
    const client = new Client(gateway.url, ca);
    expect(await client.certificate()).toBe('first');
    expect(await client.ask('/status?code=200')).toMatch(/^HTTP\/1\.1 200 /);
    const { rawHeaders } = origin.received.at(-1)!;
    const value = (name: string) => rawHeaders[rawHeaders.findIndex((n) => n.toLowerCase() === name) + 1];
    expect(value('x-forwarded-proto')).toBe('https');
    expect(value('forwarded')).toBe(`for=127.0.0.1;host=${NAME};proto=https`);
    client.socket.destroy();
  });

  it('h2c and an upgrade inside TLS are served as without TLS', async () => {
    const client = new Client(gateway.url, ca);
    await client.certificate();
    client.socket.write(
      `GET /status?code=200 HTTP/1.1\r\nHost: ${NAME}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`,
    );
    expect(await client.ask('/posts?n=1')).toMatch(/^HTTP\/1\.1 200 /);
    client.socket.destroy();
  });

  it('refuses a request in the clear, and survives a connection without a handshake', async () => {
    const { statuses, closed } = await speak(
      gateway.url.replace('https', 'http'),
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      {
        quietMs: 5_000,
      },
    );
    expect(statuses).not.toContain(200);
    expect(closed).toBe(true);
    expect(await served()).toBe('first');
  });

  it('loads a new certificate, and open connections continue', async () => {
    const open = new Client(gateway.url, ca);
    await open.certificate();
    await open.ask('/status?code=200');
    await use('second');
    await expect.poll(served, { timeout: 30_000 }).toBe('second');
    expect(await open.ask('/posts?n=1')).toMatch(/^HTTP\/1\.1 200 /);
    open.socket.destroy();
  });

  it.each([
    ['not a certificate', async () => writeFile(file('live.pem'), 'nonsense')],
    ['of another key', async () => copyFile(file('upstream.key'), file('live.key'))],
    ['missing', async () => rm(file('live.pem'))],
  ])('a certificate that is %s leaves the old one in use, and is logged', async (_what, spoil) => {
    const warnings = () =>
      gateway.log.filter((line) => line.includes('the new certificate cannot be used')).length;
    const before = warnings();
    await spoil();
    await expect.poll(warnings, { timeout: 30_000 }).toBeGreaterThan(before);
    expect(await served()).toBe('second');
    // Once it is repaired, it is loaded again.
    await use('first');
    await expect.poll(served, { timeout: 30_000 }).toBe('first');
    await use('second');
    await expect.poll(served, { timeout: 30_000 }).toBe('second');
  });
});

describe('to the upstream', () => {
  let upstream: Origin;
  const names: (string | false | null)[] = [];

  beforeAll(async () => {
    const [cert, key] = await Promise.all([readFile(file('upstream.pem')), readFile(file('upstream.key'))]);
    upstream = await startOrigin(
      (request, response) => {
        names.push((request.socket as TLSSocket).servername);
        response.end(`host ${request.headers.host}`);
      },
      {
        tls: { cert, key },
        onUpgrade: (_request, socket) => {
          names.push((socket as TLSSocket).servername);
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: odd/1\r\n\r\nhello',
          );
        },
      },
    );
  });
  afterAll(() => upstream?.stop());

  async function through(config: Record<string, unknown>, work: (gateway: GatewayProcess) => Promise<void>) {
    const gateway = await startGatewayProcess({
      upstream: upstream.url,
      env: { DATABASE_URL: database.url },
      config: { upstream: config },
    });
    try {
      await work(gateway);
    } finally {
      await gateway.stop();
    }
  }

  const get = (host: string) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const upgrade = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: odd/1\r\n\r\n';

  it('is verified by its authority and name, regardless of the Host that a client sends', async () => {
    await through({ caFile: file('ca.pem'), servername: NAME }, async (gateway) => {
      for (const host of [NAME, 'elsewhere.example', '127.0.0.1', 'evil.example:99']) {
        const { text } = await speak(gateway.url, get(host));
        expect(text).toMatch(/^HTTP\/1\.1 200 /);
        expect(text).toContain(`host ${host}`);
      }
      expect((await speak(gateway.url, upgrade)).text).toMatch(/^HTTP\/1\.1 101 [\s\S]*hello$/);
      expect(new Set(names)).toEqual(new Set([NAME]));
    });
  });

  it.each([
    ['another authority', () => ({ caFile: file('other-ca.pem'), servername: NAME })],
    ['no authority of its own', () => ({ servername: NAME })],
    ['another name', () => ({ caFile: file('ca.pem'), servername: 'other.example' })],
    ['an address that is not in the certificate', () => ({ caFile: file('ca.pem') })],
  ])('%s is a 502, upgrade or not', async (_what, config) => {
    await through(config(), async (gateway) => {
      for (const request of [get(NAME), upgrade]) {
        const { statuses, text } = await speak(gateway.url, request);
        expect(statuses).toEqual([502]);
        expect(text).toContain('"code":"upstream_unreachable"');
      }
    });
  });
});
