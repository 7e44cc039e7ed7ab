/**
 * Listening survives a connection that breaks while it subscribes, and one that becomes silent. No error is
 * unhandled.
 */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterEach, expect, inject, it, vi } from 'vitest';
import { connectRedis, disconnectRedis } from '../../../src/adapters/redis/connect.ts';
import { TotalsChannel } from '../../../src/adapters/redis/totals-channel.ts';
import { startRedisAddress } from './redis-address.ts';

const toEnd: Array<() => void | Promise<void>> = [];
afterEach(async () => {
  for (const end of toEnd.splice(0).reverse()) await end();
});

/** Forwards everything, but breaks the next `times` connections that subscribe. `cut` breaks the existing ones. */
async function subscriptionsBreak(target: URL, times: number) {
  const broken = { left: 0 };
  const pairs = new Set<() => void>();
  const listener = createServer((client) => {
    const server = connect(Number(target.port), target.hostname);
    const breakOff = () => {
      pairs.delete(breakOff);
      client.destroy();
      server.destroy();
    };
    pairs.add(breakOff);
    for (const socket of [client, server]) socket.on('error', breakOff).on('close', breakOff);
    client.on('data', (chunk) => {
      if (broken.left === 0 || !/subscribe/i.test(chunk.toString('latin1'))) return void server.write(chunk);
      broken.left -= 1;
      breakOff();
    });
    server.on('data', (chunk) => client.write(chunk));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = new URL(target);
  url.port = String((listener.address() as AddressInfo).port);
  const cut = () => {
    broken.left = times;
    for (const breakOff of [...pairs]) breakOff();
  };
  toEnd.push(() => {
    for (const breakOff of [...pairs]) breakOff();
    listener.close();
  });
  return { url: url.href, cut, broken };
}

/** Listens through `url`. Resolves after it has subscribed. */
async function listenThrough(url: string) {
  const publisher = connectRedis(inject('redisUrl'), () => {});
  toEnd.push(() => disconnectRedis(publisher));
  await once(publisher, 'ready');
  const name = `totals-${process.pid}-${Date.now()}`;
  const listening = new TotalsChannel(publisher, name, () => connectRedis(url, () => {}));
  const [heard, missed] = [vi.fn(), vi.fn()];
  toEnd.push(listening.watch(heard, missed));
  await vi.waitFor(() => expect(missed).toHaveBeenCalledTimes(1), 20_000);
  return {
    subscribedAgain: () => vi.waitFor(() => expect(missed).toHaveBeenCalledTimes(2), 30_000),
    hearsOthers: async () => {
      const total = { clientId: 'acme', posts: 7, oldestMs: 60_000, asOfMs: 120_000 };
      await new TotalsChannel(publisher, name, () => publisher).tell([total]);
      await vi.waitFor(() => expect(heard).toHaveBeenCalledWith([total]), 20_000);
    },
  };
}

it('subscribes again until it succeeds, and reports that messages may be missing', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  toEnd.push(() => void process.off('unhandledRejection', unhandled));
  const network = await subscriptionsBreak(new URL(inject('redisUrl')), 3);
  const listener = await listenThrough(network.url);

  network.cut();
  await listener.subscribedAgain();
  expect(network.broken.left).toBe(0);
  await listener.hearsOthers();
  expect(unhandled).not.toHaveBeenCalled();
});

it('notices that the network loses everything, although it sends nothing itself', async () => {
  const address = await startRedisAddress(Number(new URL(inject('redisUrl')).port));
  toEnd.push(() => address.stop());
  const listener = await listenThrough(address.url);

  address.cut();
  await listener.subscribedAgain();
  await listener.hearsOthers();
});
