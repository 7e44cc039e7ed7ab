/** Beyond its limits a process queues, then responds with 503 and Retry-After, and the usage includes all of it. */

import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { metricOf, usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask, type Reply } from '../support/http/ask.ts';
import type { Origin } from '../support/origins/listening.ts';
import { pageOf, startScriptedOrigin } from '../support/origins/scripted.ts';

/** Processes start here, each with a ledger to open, and the machine may be busy. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const SOON = { timeout: 30_000 };
const ROUTES = [{ path: '/posts', posts: [{ json: '$.data[*]' }] }];

interface Rig {
  readonly gateway: GatewayProcess;
  /** Responses that the origin holds back until the test releases them. */
  readonly held: ServerResponse[];
  /** Requests that have reached the origin. */
  reached(): number;
  /** From now on the origin responds at once, also to the held requests. */
  release(): void;
}

const running: Array<GatewayProcess | Origin> = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

async function rig(config: Record<string, unknown>): Promise<Rig> {
  const held: ServerResponse[] = [];
  let reached = 0;
  let holds = true;
  const answer = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(pageOf(10));
  };
  const origin = await startScriptedOrigin((_url, response) => {
    reached++;
    if (holds) held.push(response);
    else answer(response);
  });
  const gateway = await startGatewayProcess({
    upstream: origin.url,
    config: { bucketSeconds: 1, routes: ROUTES, ...config },
  });
  running.push(gateway, origin);
  return {
    gateway,
    held,
    reached: () => reached,
    release: () => {
      holds = false;
      for (const response of held) answer(response);
    },
  };
}

function expectOverloaded(reply: Reply): void {
  expect(reply.status).toBe(503);
  expect(reply.headers).toMatchObject({ 'retry-after': '5', 'content-type': 'application/problem+json' });
  expect(JSON.parse(reply.body.toString())).toMatchObject({ status: 503, code: 'overloaded' });
}

describe('requests in flight', () => {
  it('beyond listen.maxRequests are refused before the upstream sees them, and the others continue', async () => {
    const { gateway, held, reached, release } = await rig({ listen: { maxRequests: 3 } });
    const inFlight = [1, 2, 3].map(() => ask(gateway.url, '/posts'));
    await expect.poll(() => held.length, SOON).toBe(3);
    expectOverloaded(await ask(gateway.url, '/posts'));
    expectOverloaded(
      await ask(gateway.url, '/posts', { method: 'POST', headers: { 'content-length': '0' } }),
    );
    expect(reached()).toBe(3);
    release();
    expect((await Promise.all(inFlight)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await ask(gateway.url, '/posts')).status).toBe(200);
    await expect
      .poll(() => usageOf(gateway, 'addr:127.0.0.1'), SOON)
      .toEqual({ posts: 40, requests: 6, refused: 2, uncounted: 0 });
    expect(await metricOf(gateway, 'postmeter_requests_overloaded_total')).toBe(2);
    const refused = ['outcome="refused"', 'status_class="5xx"'];
    expect(await metricOf(gateway, 'postmeter_requests_total', ...refused)).toBe(2);
  });
});

describe('requests that wait for a connection to the platform', () => {
  it('are served in turn, and those beyond upstream.maxQueued are refused', async () => {
    const { gateway, held, reached, release } = await rig({ upstream: { connections: 1, maxQueued: 2 } });
    const running = ask(gateway.url, '/posts');
    await expect.poll(() => held.length, SOON).toBe(1);
    const waiting = [1, 2].map(() => ask(gateway.url, '/posts'));
    await expect.poll(() => metricOf(gateway, 'postmeter_upstream_waiting_requests'), SOON).toBe(2);
    expectOverloaded(await ask(gateway.url, '/posts'));
    expect(reached()).toBe(1);
    release();
    const served = await Promise.all([running, ...waiting]);
    expect(served.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await metricOf(gateway, 'postmeter_upstream_waiting_requests')).toBe(0);
    await expect
      .poll(() => usageOf(gateway, 'addr:127.0.0.1'), SOON)
      .toEqual({ posts: 30, requests: 4, refused: 1, uncounted: 0 });
  });
});

describe('connections beyond listen.maxConnections', () => {
  it('are closed at once, and new ones are accepted when others have closed', async () => {
    const { gateway, release } = await rig({ listen: { maxConnections: 2 } });
    release();
    const { hostname, port } = new URL(gateway.url);
    const idle = await Promise.all([1, 2].map(() => dial(hostname, Number(port))));
    await expect(ask(gateway.url, '/posts')).rejects.toThrow();
    expect(await metricOf(gateway, 'postmeter_connections_dropped_total')).toBe(1);
    for (const socket of idle) socket.destroy();
    await expect.poll(() => ask(gateway.url, '/posts').then(({ status }) => status, String), SOON).toBe(200);
  });
});

function dial(host: string, port: number) {
  return new Promise<ReturnType<typeof connect>>((resolve, reject) => {
    const socket = connect(port, host, () => resolve(socket));
    socket.on('error', reject);
  });
}
