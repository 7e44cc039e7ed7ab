import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { freePort } from '../../support/services/free-port.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import { clients, prefix, Site } from './site.ts';

vi.setConfig({ testTimeout: 120_000 });

const SLOTS = 16_384;
const keyOf = (clientId: string) => `${prefix}{${clientId}}`;

let nodes: RedisServer[] = [];
let ids: string[] = [];
let site: Site;

/** Three nodes with a third of the slots each. */
beforeAll(async () => {
  const settings = {
    'cluster-enabled': 'yes',
    'cluster-announce-ip': '127.0.0.1',
    'cluster-node-timeout': 3_000,
  };
  for (let node = 0; node < 3; node += 1) {
    nodes.push(await startRedisServer({ ...settings, 'cluster-port': await freePort() }));
  }
  ids = await Promise.all(nodes.map(async (node) => String(await node.call('CLUSTER', 'MYID'))));
  for (const [at, node] of nodes.entries()) {
    const [from, to] = [at, at + 1].map((third) => Math.floor((third * SLOTS) / nodes.length));
    await node.call('CLUSTER', 'ADDSLOTSRANGE', from!, to! - 1);
    const [, busPort] = /@(\d+)/.exec(String(await nodes[0]!.call('CLUSTER', 'NODES'))) ?? [];
    if (at > 0) await node.call('CLUSTER', 'MEET', '127.0.0.1', nodes[0]!.port, busPort!);
  }
  await untilWhole();
  site = new Site(nodes.map(({ url }) => url.replace('redis:', 'redis+cluster:')).join(','));
  await site.until(false);
});

afterAll(async () => {
  await site?.stop();
  for (const node of nodes) await node.stop();
  nodes = [];
});

async function untilWhole(): Promise<void> {
  const states = () => Promise.all(nodes.map(async (node) => String(await node.call('CLUSTER', 'INFO'))));
  const isWhole = (info: string) =>
    info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`);
  await vi.waitFor(async () => expect((await states()).every(isWhole)).toBe(true), { timeout: 30_000 });
}

async function ownerOf(key: string): Promise<{ readonly slot: number; readonly at: number }> {
  const slot = Number(await nodes[0]!.call('CLUSTER', 'KEYSLOT', key));
  return { slot, at: Math.min(2, Math.floor(((slot + 1) * nodes.length - 1) / SLOTS)) };
}

it('a slot that moves to another node while posts are added loses none', async () => {
  const { slot, at } = await ownerOf(keyOf('alpha'));
  const [source, target] = [nodes[at]!, nodes[(at + 1) % 3]!];
  const known = site.processes[0]!.total('alpha');
  await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[at]!);
  await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[(at + 1) % 3]!);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const keys = (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[];
  expect(keys).toContain(keyOf('alpha'));
  await source.call('MIGRATE', '127.0.0.1', target.port, '', 0, 5_000, 'KEYS', ...keys);
  // The target has the keys but not the slot, so clients are redirected by ASK.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  site.expectForwarding();
  await expect.poll(() => site.processes[0]!.total('alpha')).toBeGreaterThan(known);
  for (const node of [target, source, ...nodes])
    await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', ids[(at + 1) % 3]!);
  // From now on clients are redirected by MOVED.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await target.call('EXISTS', keyOf('alpha'))).toBe(1);
  await site.expectExact();
  site.goOn();
});

it("the loss of a node's data is noticed, although the base is on another node", async () => {
  const base = await ownerOf(`${prefix}base:{window}`);
  const owners = await Promise.all(clients.map(async (client) => (await ownerOf(keyOf(client))).at));
  const lost = owners.find((at) => at !== base.at);
  expect(lost, 'a client lies on another node than the base').toBeDefined();
  await nodes[lost!]!.crash();
  await nodes[lost!]!.revive();
  await untilWhole();
  await site.expectExact();
  expect(site.said).toContain('another Redis process');
});
