import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openRedisPace } from '../../../src/adapters/redis/pace.ts';
import { paceLimiterContract } from '../../admit/pace-limiter.contract.ts';
import { freePort } from '../../support/services/free-port.ts';
import { freshRedis } from '../../support/services/fresh-redis.ts';

describe('with Redis', () => {
  paceLimiterContract(async (limit) => {
    const { url, prefix, drop } = await freshRedis();
    const pace = openRedisPace({ url, prefix, limit });
    const close = async () => {
      await pace.close();
      await drop();
    };
    return { pace, close };
  });

  it('shares one count between all processes', async () => {
    const { url, prefix, drop } = await freshRedis();
    const settings = { url, prefix, limit: { requests: 3, seconds: 60 } };
    const [one, two] = [openRedisPace(settings), openRedisPace(settings)];
    const client = randomUUID();
    await expect.poll(() => one.take(client, Date.now()).kind).toBe('exceeded');
    await expect.poll(() => two.take(client, Date.now()).kind, { timeout: 5_000 }).toBe('exceeded');
    await Promise.all([one.close(), two.close()]);
    await drop();
  });
});

describe('without Redis', () => {
  paceLimiterContract(async (limit) => {
    const pace = openRedisPace({ url: `redis://127.0.0.1:${await freePort()}`, limit });
    return { pace, close: () => pace.close() };
  });
});
