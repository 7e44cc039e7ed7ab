/** Every captured exchange has its true count, through the gateway itself and through `postmeter count`. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { countCommand } from '../../src/entry/commands/count.ts';
import { usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import type { Origin } from '../support/origins/listening.ts';
import {
  type Capture,
  capturesOf,
  deliveredBody,
  fetchCapture,
  startCaptureOrigin,
  streamOf,
} from './captures.ts';
import { PLATFORM_CONFIGS, type PlatformName } from './platform-configs.ts';
import { startRawOrigin } from './raw-origin.ts';

/** Usage reaches the ledger within a second. The rest is for a busy machine. */
const SOON = { timeout: 60_000, interval: 50 };

const platforms = Object.keys(PLATFORM_CONFIGS) as PlatformName[];

describe.each(platforms)('captures of %s', (platform) => {
  const captures = capturesOf(platform);
  let folder: string;
  let configFile: string;
  let origin: Origin;
  let gateway: GatewayProcess;
  let received: ReadonlyMap<Capture, Buffer>;
  const addressOf = (capture: Capture) => `10.1.0.${captures.indexOf(capture)}`;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postmeter-captures-'));
    configFile = join(folder, 'postmeter.config.json');
    writeFileSync(configFile, JSON.stringify(PLATFORM_CONFIGS[platform]));
    origin = await startCaptureOrigin(captures);
    // Each capture is requested from an address of its own, and so by a client of its own.
    const config = { ...PLATFORM_CONFIGS[platform], trustedProxies: ['127.0.0.1'] };
    gateway = await startGatewayProcess({ upstream: origin.url, config });
    // All are requested at once, because each would wait separately until its usage is in the ledger.
    const bodies = captures.map(
      async (capture) =>
        [
          capture,
          await fetchCapture(gateway.url, capture, { 'X-Forwarded-For': addressOf(capture) }),
        ] as const,
    );
    received = new Map(await Promise.all(bodies));
  });

  afterAll(async () => {
    await gateway.stop();
    await origin.stop();
    rmSync(folder, { recursive: true });
  });

  it('exist', () => expect(captures.length).toBeGreaterThan(10));

  it.each(captures)('$name, by the gateway', async (capture) => {
    expect(received.get(capture)!.equals(deliveredBody(capture))).toBe(true);
    await vi.waitFor(async () => {
      const { posts, requests, uncounted } = await usageOf(gateway, `addr:${addressOf(capture)}`);
      expect({ posts, requests, uncounted }).toEqual({ posts: capture.posts, requests: 1, uncounted: 0 });
    }, SOON);
  });

  it.each(captures)('$name, by postmeter count', async (capture) => {
    const output = JSON.parse(await count(configFile, folder, capture)) as { posts: number };
    expect(output).toMatchObject({ posts: capture.posts });
  });
});

async function count(configFile: string, folder: string, capture: Capture): Promise<string> {
  let out = '';
  const args = ['--config', configFile, '--path', capture.target, '--method', capture.method];
  args.push('--status', String(capture.status));
  for (const line of capture.responseHeaders) if (/^[^\s:]+:/.test(line)) args.push('--header', line);
  if (capture.requestBody !== '') {
    const file = join(folder, `${capture.name}.request`);
    writeFileSync(file, capture.requestBody);
    args.push('--request-body', file);
  }
  const command = countCommand(Readable.from([capture.body]))
    .exitOverride()
    .configureOutput({ writeOut: (text) => (out += text) });
  await command.parseAsync(args, { from: 'user' });
  return out;
}

describe('captured streams', () => {
  it('three pipelined requests on one connection are counted one by one', async () => {
    const paths = ['/wp-json/wp/v2/posts?per_page=5', '/feed/', '/wp-json/wp/v2/posts?per_page=7'];
    const responses = splitResponses(streamOf('wordpress', 'raw-keepalive-3'));
    const origin = await startRawOrigin((head) => responses[paths.indexOf(head.split(' ', 2)[1]!)]);
    const gateway = await startGatewayProcess({ upstream: origin.url, config: PLATFORM_CONFIGS.wordpress });
    try {
      await rawExchange(
        gateway.url,
        paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''),
        3,
      );
      await vi.waitFor(async () => {
        expect(await usageOf(gateway, 'addr:127.0.0.1')).toMatchObject({
          posts: 5 + 20 + 7,
          requests: 3,
          uncounted: 0,
        });
      }, SOON);
    } finally {
      await gateway.stop();
      await origin.stop();
    }
  });

  it("the firehose's 222 frames hold 3,000 new posts", async () => {
    const stream = streamOf('bluesky', 'pds-firehose');
    const path = '/xrpc/com.atproto.sync.subscribeRepos?cursor=0';
    const origin = await startRawOrigin(() => stream);
    const gateway = await startGatewayProcess({ upstream: origin.url, config: PLATFORM_CONFIGS.bluesky });
    try {
      const heard = await rawUpgrade(gateway.url, path, stream.length);
      // Byte for byte after the head, which may contain the gateway's own fields.
      const frames = stream.subarray(stream.indexOf('\r\n\r\n') + 4);
      expect(heard.subarray(heard.indexOf('\r\n\r\n') + 4).equals(frames)).toBe(true);
      await vi.waitFor(async () => {
        expect(await usageOf(gateway, 'addr:127.0.0.1')).toMatchObject({
          posts: 3_000,
          requests: 1,
          uncounted: 0,
        });
      }, SOON);
    } finally {
      await gateway.stop();
      await origin.stop();
    }
  });
});

it("postmeter count reads the firehose's frames", async () => {
  const stream = streamOf('bluesky', 'pds-firehose');
  const folder = mkdtempSync(join(tmpdir(), 'postmeter-firehose-'));
  const configFile = join(folder, 'postmeter.config.json');
  writeFileSync(configFile, JSON.stringify(PLATFORM_CONFIGS.bluesky));
  const output = await count(configFile, folder, {
    name: 'firehose',
    method: 'GET',
    target: '/xrpc/com.atproto.sync.subscribeRepos',
    requestHeaders: [],
    requestBody: '',
    status: 101,
    responseHeaders: [],
    body: stream.subarray(stream.indexOf('\r\n\r\n') + 4),
    posts: 3_000,
  });
  rmSync(folder, { recursive: true });
  expect(JSON.parse(output)).toEqual({ posts: 3_000, by: 'firehose' });
});

function splitResponses(stream: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = 0; at !== -1; at = stream.indexOf('HTTP/1.1 200', at + 1)) starts.push(at);
  return starts.map((start, i) => stream.subarray(start, starts[i + 1]));
}

/** Sends the text and resolves with the received bytes, once that many chunked responses are complete. */
function rawExchange(url: string, text: string, responses: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      if (heard.split('\r\n0\r\n\r\n').length > responses) {
        socket.destroy();
        resolve(heard);
      }
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${heard.length} bytes`)));
  });
}

/** Upgrades to a WebSocket and resolves with all bytes, once no more arrive. */
function rawUpgrade(url: string, path: string, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const head = `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(head));
    const chunks: Buffer[] = [];
    let heard = 0;
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      heard += chunk.length;
      if (heard >= bytes) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks)));
  });
}
