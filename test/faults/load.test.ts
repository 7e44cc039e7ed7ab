/** The memory of a gateway at its limits, with the built product and real sockets. Everything is metered. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { metricOf, usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { startPostgres } from '../support/services/postgres.ts';
import { until } from '../support/until.ts';
import { answersOn, type Crowd, gather, send } from './crowd.ts';
import { residentBytes } from './processes.ts';

const MB = 1_000_000;
const ROUTES = [{ path: '/posts/**', posts: [{ json: '$.data[*]' }] }];
vi.setConfig({ testTimeout: 480_000 });
const PATIENCE = { timeoutMs: 200_000, intervalMs: 200 };

const ends: Array<() => Promise<unknown> | unknown> = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/**
 * An origin in its own process, so that its sockets and memory are not measured. `/posts/N` is a page of N posts of
 * 1,000 bytes each.
 */
const ORIGIN = `
const pages = new Map();
function page(posts) {
  if (!pages.has(posts)) {
    const post = (id) => '{"id":' + id + ',"text":"' + 'x'.repeat(980 - String(id).length) + '"}';
    pages.set(posts, Buffer.from('{"data":[' + Array.from({ length: posts }, (_, id) => post(id)).join() + ']}'));
  }
  return pages.get(posts);
}
const server = require('node:http').createServer({ keepAliveTimeout: 600000 }, (request, response) => {
  const body = page(Number(request.url.split('/').pop()));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port));
`;

async function startOrigin(): Promise<string> {
  const child: ChildProcess = spawn(process.execPath, ['-e', ORIGIN], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  ends.push(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return `http://127.0.0.1:${Number(line.toString())}`;
}

/** The ledger is a server, because PGlite alone takes some 500 MB of a process. */
async function start(config: Record<string, unknown>): Promise<GatewayProcess> {
  const [upstream, ledger] = await Promise.all([startOrigin(), startPostgres()]);
  ends.push(() => ledger.stop());
  const gateway = await startGatewayProcess({
    upstream,
    config: { routes: ROUTES, ...config },
    env: { DATABASE_URL: ledger.url },
  });
  ends.push(() => gateway.stop());
  return gateway;
}

const portOf = (gateway: GatewayProcess): number => Number(new URL(gateway.url).port);

async function crowdAt(gateway: GatewayProcess, count: number): Promise<Crowd> {
  const crowd = await gather(portOf(gateway), count);
  ends.push(() => crowd.leave());
  return crowd;
}

/** Returns the memory in MB after it was stable for two seconds, and prints it for the documentation of the limit. */
async function residentMb(gateway: GatewayProcess, what: string): Promise<number> {
  let before = 0;
  const bytes = await until(
    'the memory is stable',
    async () => {
      const now = residentBytes(gateway.process.pid!);
      const isStill = Math.abs(now - before) < 5 * MB;
      before = now;
      if (!isStill) await sleep(2_000);
      return isStill && now;
    },
    PATIENCE,
  );
  process.stdout.write(`${what}: ${Math.round(bytes / MB)} MB\n`);
  return bytes / MB;
}

it('10,000 idle connections stay under the memory limit', async () => {
  const connections = 10_000;
  const gateway = await start({ listen: { keepAliveTimeoutMs: 600_000 } });
  const crowd = await crowdAt(gateway, connections);
  for (let at = 0; at < connections; at += 200) {
    const some = crowd.sockets.slice(at, at + 200);
    const answers = some.map((socket) => answersOn(socket, 1));
    for (const socket of some) send(socket, '/posts/1');
    expect(new Set((await Promise.all(answers)).flat())).toEqual(new Set([200]));
  }
  expect(await residentMb(gateway, '10,000 idle connections')).toBeLessThan(500);
  await until(
    'all usage is in the ledger',
    async () => (await usageOf(gateway, 'addr:127.0.0.1')).posts === connections,
  );
});

/** Fewer connections than readers, so that some readers wait for one. */
const UPSTREAM_CONNECTIONS = 2_800;

it('3,000 slow readers of 1 MB each hold at most 192 KiB each', async () => {
  const readers = 3_000;
  const posts = 1_000;
  const gateway = await start({ upstream: { connections: UPSTREAM_CONNECTIONS, maxQueued: readers } });
  const startMb = await residentMb(gateway, 'at the start');
  const crowd = await crowdAt(gateway, readers);
  for (const socket of crowd.sockets) {
    socket.pause();
    send(socket, `/posts/${posts}`);
  }
  // A connection that closes before its request was read is not a request.
  await until(
    'every request is in flight or answered',
    async () => {
      const [underWay, { requests }] = await Promise.all([
        metricOf(gateway, 'postmeter_requests_in_flight'),
        usageOf(gateway, 'addr:127.0.0.1'),
      ]);
      return underWay + requests === readers;
    },
    PATIENCE,
  );
  const mb = await residentMb(gateway, '3,000 slow readers of 1 MB');
  expect(mb - startMb).toBeLessThan((UPSTREAM_CONNECTIONS * 192 * 1_024) / MB + 300);
  // The kernel's buffers took some answers whole, and those have ended. The others wait for their reader.
  expect(await metricOf(gateway, 'postmeter_requests_in_flight')).toBeGreaterThan(readers / 2);

  // Waiting requests get a connection when others end.
  for (const socket of crowd.sockets.slice(500)) socket.destroy();
  const reading = crowd.sockets.slice(0, 500);
  const statuses = await Promise.all(reading.map((socket) => answersOn(socket, 1)));
  expect(new Set(statuses.flat())).toEqual(new Set([200]));
  const usage = await until(
    'all usage is in the ledger',
    async () => {
      const now = await usageOf(gateway, 'addr:127.0.0.1');
      return now.requests === readers && now;
    },
    PATIENCE,
  );
  expect(usage.posts).toBeGreaterThanOrEqual(reading.length * posts);
  expect(usage.posts).toBeLessThan(readers * posts);
});

it('40,000 clients of a day, known only by address, stay under the memory limit', async () => {
  const clients = 40_000;
  const gateway = await start({ trustedProxies: ['loopback'] });
  const crowd = await crowdAt(gateway, 40);
  const each = clients / crowd.sockets.length;
  const ask = async (socket: Socket, first: number): Promise<void> => {
    for (let sent = 0; sent < each; sent += 25) {
      const answers = answersOn(socket, 25);
      for (let next = sent; next < sent + 25; next++)
        send(socket, '/posts/1', [`X-Forwarded-For: ${addressOf(first + next)}`]);
      expect(new Set(await answers)).toEqual(new Set([200]));
    }
  };
  await Promise.all(crowd.sockets.map((socket, at) => ask(socket, at * each)));
  expect(await residentMb(gateway, '40,000 clients')).toBeLessThan(600);
  await until(
    'all usage is in the ledger',
    async () => (await metricOf(gateway, 'postmeter_journal_unconfirmed_records')) === 0,
    PATIENCE,
  );
});

function addressOf(number: number): string {
  return `${(number >>> 16) + 11}.${(number >>> 8) & 255}.${number & 255}.7`;
}
