/** Claims of agents through the built gateway, with lists in the ledger and a DNS server of the test. */

import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type DnsServer, startDnsServer } from '../adapters/node/dns/dns-server.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import type { Origin } from '../support/origins/listening.ts';
import { pageOf, startScriptedOrigin } from '../support/origins/scripted.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const LIST = 'https://lists.example/common.json';
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';

let database: FreshDatabase;
let origin: Origin;
let dns: DnsServer;
let gateway: GatewayProcess;
let seen: string | undefined;

beforeAll(async () => {
  [database, dns] = await Promise.all([freshDatabase('checked_agents'), startDnsServer()]);
  origin = await startScriptedOrigin((_url, response, request) => {
    seen = request.headers['postmeter-agent'] as string | undefined;
    response.writeHead(200, { 'content-type': 'application/json' }).end(pageOf(1));
  });
  const config = {
    trustedProxies: ['loopback'],
    upstream: { agentHeader: 'Postmeter-Agent' },
    agents: {
      dns: { servers: [dns.address] },
      catalogue: [{ token: 'Googlebot', verify: { ranges: [LIST] } }],
    },
    routes: [{ path: '/posts', posts: [{ json: '$.data[*]' }] }],
  };
  const env = { DATABASE_URL: database.url };
  // The first start creates the tables; the list is there before the second.
  const first = await startGatewayProcess({ upstream: origin.url, config, env });
  await first.stop();
  const sql = postgres(database.url, { max: 1 });
  await sql`
    insert into agent_lists (url, fetched_at, prefixes, tried_at)
    values (${LIST}, now(), ${sql.json(['66.249.64.0/24'])}, now())`;
  await sql.end();
  gateway = await startGatewayProcess({ upstream: origin.url, config, env });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
  await dns?.close();
  await database?.drop();
});

const claim = async (address: string, userAgent = GOOGLEBOT) => {
  const headers = { 'x-forwarded-for': address, 'user-agent': userAgent };
  const { status } = await fetch(`${gateway.url}/posts`, { headers });
  expect(status).toBe(200);
  return seen;
};

describe('a claimed crawler', () => {
  it('is proven by a published range, without DNS', async () => {
    await vi.waitFor(async () => expect(await claim('66.249.64.7')).toContain('verdict=verified'), 30_000);
    expect(await claim('66.249.64.7')).toContain('class=search');
    dns.queries = 0;
    await claim('66.249.64.8');
    expect(dns.queries).toBe(0);
  });

  it('is proven by its name, and forged if its name does not lead back', async () => {
    dns.answer = (name, type) => {
      if (type === 'PTR') return ['crawl-1.googlebot.com'];
      return name === 'crawl-1.googlebot.com' && type === 'A' ? ['66.249.99.1'] : [];
    };
    // The first request is not delayed: it is served while DNS is asked.
    expect(await claim('66.249.99.1')).toContain('verdict=pending');
    await vi.waitFor(async () => expect(await claim('66.249.99.1')).toContain('verdict=verified'), 30_000);
    await vi.waitFor(async () => expect(await claim('8.8.8.8')).toContain('verdict=forged'), 30_000);
    expect(await claim('8.8.8.8')).toContain('class=forged');
  });

  it('is served as fast while DNS is silent, and stays pending', async () => {
    dns.answer = () => 'silent';
    Object.assign(dns, { peak: 0, inFlight: 0 });
    const times: number[] = [];
    for (let at = 0; at < 200; at++) {
      const startMs = performance.now();
      expect(await claim(`9.9.${at >> 8}.${at & 255}`)).toContain('verdict=pending');
      times.push(performance.now() - startMs);
    }
    expect(times.toSorted((a, b) => a - b)[197]).toBeLessThan(500);
    expect(dns.peak).toBeLessThanOrEqual(32);
  });
});
