/** Connections to Redis that fail fast: metering has its own queue (the journal), and nobody waits for Redis. */

import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { redisNodes } from './nodes.ts';

export type RedisConnection = Redis | Cluster;

const options = {
  // Commands given while there is no connection fail at once, instead of piling up in memory.
  enableOfflineQueue: false,
  // Nor are those under way when it broke kept for the next one: the flows offer them again, in order.
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  // Whoever listens subscribes again at 'ready'. ioredis 6.0.0 does not look at the outcome of its own: where the
  // connection breaks meanwhile that is an unhandled rejection, which ends the process.
  autoResubscribe: false,
  // A server that hangs is as good as away. Our longest script takes some milliseconds.
  commandTimeout: 2_000,
  connectTimeout: 3_000,
  // Nor does a connection that was cut without a word come back by itself: TCP tries again for a quarter of an hour.
  socketTimeout: 5_000,
  keepAlive: 5_000,
  // After a failover the old primary may answer as a replica: connect anew, and to whoever is primary now.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions;

const longestRetryMs = 2_000;
/** A server that takes connections and breaks each after the first command is away too. */
const goodAfterMs = 10_000;

/**
 * Doubles from 50 ms to 2 s, and a random half of it: thousands of processes do not come back at one moment. It
 * begins anew only once no attempt was needed for a while.
 */
function retryStrategy(): () => number {
  let attempts = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = performance.now();
    attempts = nowMs - lastMs > goodAfterMs ? 0 : attempts + 1;
    lastMs = nowMs;
    const fullMs = Math.min(longestRetryMs, 50 * 2 ** Math.min(attempts, 10));
    return fullMs * (0.5 + Math.random() / 2);
  };
}

/**
 * `redis://` or `rediss://` (TLS) for one server; `redis+cluster://` or `rediss+cluster://` for a Cluster, of which
 * one or several nodes are named, separated by commas. It connects in the background and never gives up.
 */
export function connectRedis(url: string, onError: (error: Error) => void): RedisConnection {
  const redis = /^rediss?\+cluster:/.test(url)
    ? connectCluster(url)
    : new Redis(url, { ...options, retryStrategy: retryStrategy() });
  redis.on('error', onError);
  return redis;
}

function connectCluster(url: string): Cluster {
  const nodes = redisNodes(url);
  const { protocol, username, password } = new URL(nodes[0]);
  return new Cluster(
    nodes.map((node) => ({ host: new URL(node).hostname, port: Number(new URL(node).port || 6379) })),
    {
      enableOfflineQueue: options.enableOfflineQueue,
      clusterRetryStrategy: retryStrategy(),
      // It would put scripts of all slots into one pipeline (by their first argument, the number of keys), and fail
      // where a slot is on its way to another node.
      enableAutoPipelining: false,
      redisOptions: {
        maxRetriesPerRequest: options.maxRetriesPerRequest,
        commandTimeout: options.commandTimeout,
        connectTimeout: options.connectTimeout,
        socketTimeout: options.socketTimeout,
        keepAlive: options.keepAlive,
        ...(username && { username: decodeURIComponent(username) }),
        ...(password && { password: decodeURIComponent(password) }),
        ...(protocol === 'rediss:' && { tls: {} }),
      },
    },
  );
}

/** Waits for a connection that is on its way; where there is none, commands fail by themselves, with the reason. */
export function whenReady(redis: RedisConnection, timeoutMs: number): Promise<void> {
  if (redis.status !== 'connecting' && redis.status !== 'connect') return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      for (const event of ['ready', 'close']) redis.off(event, done);
      resolve();
    };
    const timer = setTimeout(done, timeoutMs);
    for (const event of ['ready', 'close']) redis.once(event, done);
  });
}

/** Ends the connection; what is under way fails. */
export async function disconnectRedis(redis: RedisConnection): Promise<void> {
  // Between two attempts there is nothing to end, and so no word of it.
  if (redis.status === 'end' || redis.status === 'reconnecting') return redis.disconnect();
  const ended = new Promise<void>((resolve) => redis.once('end', () => resolve()));
  redis.disconnect();
  await ended;
}
