/** Listening survives a connection that breaks while it subscribes, and one that falls silent. Nothing of it is unhandled. */

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

/** Passes everything on, but breaks a connection that subscribes, so often; `cut` breaks those that are there. */
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

it('subscribes anew until it lasts, and says that something was missed', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  toEnd.push(() => void process.off('unhandledRejection', unhandled));
  const server = inject('redisUrl');
  const network = await subscriptionsBreak(new URL(server), 3);
  const publisher = connectRedis(server, () => {});
  toEnd.push(() => disconnectRedis(publisher));
  await once(publisher, 'ready');

  const name = `totals-${process.pid}-${Date.now()}`;
  const listening = new TotalsChannel(publisher, name, () => connectRedis(network.url, () => {}));
  const [heard, missed] = [vi.fn(), vi.fn()];
  toEnd.push(listening.watch(heard, missed));
  await vi.waitFor(() => expect(missed).toHaveBeenCalledTimes(1), 20_000);

  network.cut();
  await vi.waitFor(() => expect(missed).toHaveBeenCalledTimes(2), 30_000);
  expect(network.broken.left).toBe(0);
  const total = { clientId: 'acme', posts: 7, oldestMs: 60_000, asOfMs: 120_000 };
  await new TotalsChannel(publisher, name, () => publisher).tell([total]);
  await vi.waitFor(() => expect(heard).toHaveBeenCalledWith([total]), 20_000);
  expect(unhandled).not.toHaveBeenCalled();
});

it('notices that the network loses everything, although it sends nothing itself', async () => {
  const server = inject('redisUrl');
  const address = await startRedisAddress(Number(new URL(server).port));
  toEnd.push(() => address.stop());
  const publisher = connectRedis(server, () => {});
  toEnd.push(() => disconnectRedis(publisher));
  await once(publisher, 'ready');

  const name = `totals-${process.pid}-${Date.now()}`;
  const listening = new TotalsChannel(publisher, name, () => connectRedis(address.url, () => {}));
  const [heard, missed] = [vi.fn(), vi.fn()];
  toEnd.push(listening.watch(heard, missed));
  await vi.waitFor(() => expect(missed).toHaveBeenCalledTimes(1), 20_000);

  address.cut();
  await vi.waitFor(() => expect(missed).toHaveBeenCalledTimes(2), 30_000);
  const total = { clientId: 'acme', posts: 7, oldestMs: 60_000, asOfMs: 120_000 };
  await new TotalsChannel(publisher, name, () => publisher).tell([total]);
  await vi.waitFor(() => expect(heard).toHaveBeenCalledWith([total]), 20_000);
});
