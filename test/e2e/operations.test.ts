/** Operation of the product: start, readiness, signals, reload, rolling restart, visible routes and failing stores. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import type { Origin } from '../support/origins/listening.ts';
import { pageOf, startScriptedOrigin } from '../support/origins/scripted.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

/** Processes start several times here, and the machine may be busy. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const CLI = fileURLToPath(new URL('../../dist/entry/cli.js', import.meta.url));
const ROUTE = { name: 'timeline', path: '/posts', posts: [{ json: '$.data[*]' }] };
const CONFIG = {
  routes: [ROUTE],
  billing: { intervalSeconds: 1 },
  listen: { healthPath: '/-/health', drainSeconds: 1 },
  log: { access: true },
};

let origin: Origin;
let database: FreshDatabase;
let network: TcpProxy;
const asked: string[] = [];

beforeAll(async () => {
  origin = await startScriptedOrigin((url, response) => {
    asked.push(url.pathname);
    const body = url.pathname.startsWith('/posts') ? pageOf(3) : '{}';
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  database = await freshDatabase('operations');
  network = await startTcpProxy(Number(new URL(database.url).port));
});
afterAll(async () => {
  await network?.stop();
  await database?.drop();
  await origin?.stop();
});

const start = (dataDir?: string) =>
  startGatewayProcess({
    upstream: origin.url,
    config: CONFIG,
    env: { DATABASE_URL: network.through(database.url) },
    ...(dataDir === undefined ? {} : { dataDir }),
  });
const lineOf = (gateway: GatewayProcess, message: string) =>
  gateway.log
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .find(({ msg }) => msg === message);
const readiness = async (gateway: GatewayProcess) => {
  const { status, body } = await ask(gateway.adminUrl, '/readyz');
  return { status, body: JSON.parse(body.toString()) };
};

it('the start fails without routes, unless the configuration says that none are wanted', async () => {
  const env = {
    PATH: process.env.PATH ?? '',
    UPSTREAM: origin.url,
    DATABASE_URL: database.url,
    ADMIN_PORT: '0',
  };
  const child = spawn(process.execPath, [CLI, 'serve'], { cwd: tmpdir(), env });
  const [[code], said] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
  expect(code).toBe(2);
  expect(said).toMatch(/has no routes.*"platform".*"routes": \[\]/s);
});

describe('one process', () => {
  let gateway: GatewayProcess;
  const configFile = () => join(gateway.dataDir, 'test.config.json');
  beforeAll(async () => {
    gateway = await start();
  });
  afterAll(() => gateway?.stop());

  it('logs what it started with, and no secret', () => {
    expect(lineOf(gateway, 'opening the ledger')).toMatchObject({ adminPort: expect.any(Number) });
    const line = lineOf(gateway, 'listening');
    expect(line).toMatchObject({
      upstream: origin.url,
      windowStore: 'in this process',
      routes: 1,
      clients: 0,
    });
    expect(line.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(line.ledger).toMatch(/^postgres(ql)?:\/\/127\.0\.0\.1:\d+\//);
  });

  it('is alive and ready, and answers load balancers on the port of clients on one path only', async () => {
    for (const path of ['/livez', '/healthz', '/readyz'])
      expect((await ask(gateway.adminUrl, path)).status).toBe(200);
    const head = await ask(gateway.url, '/-/health', { method: 'HEAD' });
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(JSON.parse((await ask(gateway.url, '/-/health')).body.toString())).toEqual({ status: 'ok' });
    expect(asked).not.toContain('/-/health');
    await ask(gateway.url, '/-/health?deep', {});
    await ask(gateway.url, '/-/health', { method: 'POST' });
    expect(asked.filter((path) => path === '/-/health')).toHaveLength(2);
  });

  it('shows the counts of each route in the ledger, the metrics and the access log', async () => {
    for (let n = 0; n < 4; n++)
      await ask(gateway.url, '/posts', { headers: { 'x-request-id': `request-${n}` } });
    await ask(gateway.url, '/forgotten/17/door', {});
    const routes = await gateway.admin<{ items: object[]; unmatched: { paths: object[] } }>(
      'GET',
      '/v1/routes',
    );
    expect(routes.items).toEqual([
      expect.objectContaining({
        route: 'timeline',
        posts: 12,
        responses: 4,
        empty: 0,
        uncounted: [],
        postsPerResponse: 3,
      }),
    ]);
    expect(routes.unmatched.paths).toContainEqual({ path: '/forgotten/{id}/door', responses: 1, bytes: 2 });
    const metrics = await gateway.metrics();
    expect(metrics).toMatch(/^postmeter_route_posts_total\{route="timeline"\} 12$/m);
    expect(metrics).toMatch(/^postmeter_route_responses_total\{route="timeline",outcome="counted"\} 4$/m);
    const line = await until('the access log', () =>
      gateway.log.map((one) => JSON.parse(one)).find(({ requestId }) => requestId === 'request-3'),
    );
    expect(line).toMatchObject({
      msg: 'request',
      route: 'timeline',
      posts: 3,
      status: 200,
      client: 'addr:127.0.0.1',
      class: 'unknown',
      agent: '',
    });
    expect(metrics).toMatch(/^postmeter_asker_requests_total\{class="unknown",evidence="behaviour"\} \d+$/m);
    expect(line.ms).toBeGreaterThanOrEqual(0);
  });

  it('SIGHUP applies what a running process can change, names what needs a restart, and keeps the old file on a fault', async () => {
    await writeFile(configFile(), '{"routes":[{"path":7}]}');
    gateway.process.kill('SIGHUP');
    await until('the fault is logged', () =>
      lineOf(gateway, 'the configuration was not reloaded; the old one remains in use'),
    );
    expect((await ask(gateway.url, '/posts')).status).toBe(200);

    const routes = [{ ...ROUTE, name: 'renamed' }];
    await writeFile(configFile(), JSON.stringify({ ...CONFIG, routes, bucketSeconds: 10 }));
    gateway.process.kill('SIGHUP');
    const line = await until('it is reloaded', () => lineOf(gateway, 'the configuration was reloaded'));
    expect(line.applied).toEqual(['routes']);
    const restart = await until('it is warned', () => lineOf(gateway, 'these changes need a restart'));
    expect(restart.fields).toEqual(['bucketSeconds']);
    await ask(gateway.url, '/posts');
    expect(await gateway.metrics()).toMatch(/^postmeter_route_posts_total\{route="renamed"\} 3$/m);
  });

  it('signals without a meaning end nothing, and open no debugger', async () => {
    for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGIO', 'SIGVTALRM', 'SIGPROF'] as const) {
      gateway.process.kill(signal);
      await until(`${signal} is logged`, () =>
        gateway.log.some((line) => line.includes(`"signal":"${signal}"`)),
      );
    }
    expect(gateway.log.join('\n')).not.toContain('Debugger listening');
    expect((await ask(gateway.url, '/posts')).status).toBe(200);
  });

  it('stays ready while PostgreSQL is down, reports it, and the administration asks clients to retry', async () => {
    await network.refuse();
    const away = await until('readiness names the ledger', async () => {
      await ask(gateway.url, '/posts');
      const found = await readiness(gateway);
      return found.body.warnings?.some(({ field }: { field: string }) => field === 'ledger')
        ? found
        : undefined;
    });
    expect(away.status).toBe(200);
    expect((await ask(gateway.url, '/-/health')).status).toBe(200);
    const headers = { authorization: 'Bearer test-admin-token-0123456789' };
    const reply = await ask(gateway.adminUrl, '/v1/clients', { headers });
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '5']);
    expect(JSON.parse(reply.body.toString())).toMatchObject({ code: 'ledger_unavailable' });
    await network.heal();
    await until('the log says that it is back', () =>
      gateway.log.some((line) => line.includes('"msg":"the ledger is reachable again"')),
    );
    const lines = gateway.log.filter((line) => line.includes('the ledger is unreachable; usage waits'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('"stack"');
    expect(JSON.parse(lines[0]!).err).not.toHaveProperty('cause');
  });

  it('a removed journal is a warning within seconds, and counts as a failure', async () => {
    await rename(join(gateway.dataDir, 'journals'), join(gateway.dataDir, 'gone'));
    const found = await until('readiness names the journal', async () => {
      const { status, body } = await readiness(gateway);
      const warning = body.warnings?.find(({ field }: { field: string }) => field === 'journal');
      return warning === undefined ? undefined : { status, warning };
    });
    expect(found.status).toBe(200);
    expect(found.warning.reason).toContain('removed from DATA_DIR');
    expect(await gateway.metrics()).toMatch(/^postmeter_journal_failures_total 1$/m);
    await rename(join(gateway.dataDir, 'gone'), join(gateway.dataDir, 'journals'));
    await until('the log says that it is back', () =>
      lineOf(gateway, 'the files of the journal are present again'),
    );
  });
});

it.skipIf(!existsSync('/proc/self/status'))('an idle process sleeps', async () => {
  const env = { DATABASE_URL: database.url };
  const gateway = await startGatewayProcess({ upstream: origin.url, config: { routes: [ROUTE] }, env });
  const wakes = async () => {
    const { pid } = gateway.process;
    const status = await readFile(`/proc/${pid}/task/${pid}/status`, 'utf8');
    return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)![1]);
  };
  // The work of the start is done.
  await sleep(2_000);
  const before = await wakes();
  const sinceMs = performance.now();
  await sleep(3_000);
  const perSecond = ((await wakes()) - before) / ((performance.now() - sinceMs) / 1_000);
  await gateway.stop();
  expect(perSecond).toBeGreaterThan(0);
  // It was 42 while loops polled every 50 and 100 ms.
  expect(perSecond).toBeLessThan(25);
});

it('a rolling restart under keep-alive load fails no request, and one process leads billing', async () => {
  const gateways = await Promise.all([start(), start()]);
  const leaders = async () => {
    const pages = await Promise.all(gateways.map((gateway) => gateway.metrics()));
    return pages.map((page) => Number(/^postmeter_billing_leader (\d)$/m.exec(page)?.[1]));
  };
  await until('one process leads', async () => (await leaders()).toSorted().join() === '0,1');
  const agents = new Map(gateways.map((gateway) => [gateway, new Agent({ keepAlive: true })]));
  const ready = new Set(gateways);
  let isOver = false;
  let answered = 0;
  const failures: unknown[] = [];
  /** Acts as a load balancer: checks the health of each process, and sends requests to the healthy ones. */
  const check = async (): Promise<void> => {
    while (!isOver) {
      for (const gateway of gateways) {
        const status = await ask(gateway.url, '/-/health').then(
          (reply) => reply.status,
          () => 0,
        );
        if (status === 200) ready.add(gateway);
        else ready.delete(gateway);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const load = async (turn: number): Promise<void> => {
    for (let n = turn; !isOver; n++) {
      const gateway = [...ready][n % ready.size]!;
      await ask(gateway.url, '/posts', { agent: agents.get(gateway)! }).then(
        (reply) => {
          if (reply.status === 200 && reply.whole) answered++;
          else failures.push(reply.status);
        },
        (error: unknown) => failures.push(error),
      );
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const running = [check(), ...Array.from({ length: 8 }, (_, turn) => load(turn))];
  for (const at of [0, 1]) {
    const old = gateways[at]!;
    const next = await start();
    agents.set(next, new Agent({ keepAlive: true }));
    gateways.push(next);
    await until('the new one is ready', () => ready.has(next));
    expect(await old.stop()).toBe(0);
  }
  const before = answered;
  await until('the new ones are served', () => answered > before + 100);
  isOver = true;
  await Promise.all(running);
  for (const agent of agents.values()) agent.destroy();
  await Promise.all(gateways.slice(2).map((gateway) => gateway.stop()));
  expect(failures).toEqual([]);
});
