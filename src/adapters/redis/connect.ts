/**
 * Connections to Redis that fail fast, because metering has its own queue (the journal) and no request waits for
 * Redis.
 */

import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { redisNodes } from './nodes.ts';

export type RedisConnection = Redis | Cluster;

const options = {
  // Commands fail immediately without a connection, instead of accumulating in memory.
  enableOfflineQueue: false,
  // Do not resend in-flight commands after a reconnect; the shipping loops retry them in order.
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  // Subscribers resubscribe on 'ready' themselves. ioredis 6.0.0 ignores the result of its own resubscription: if
  // the connection breaks meanwhile, that is an unhandled rejection, which ends the process.
  autoResubscribe: false,
  // A server that hangs counts as down. Our longest script takes some milliseconds.
  commandTimeout: 2_000,
  connectTimeout: 3_000,
  // Detects a connection that was cut silently. TCP alone would retry for a quarter of an hour.
  socketTimeout: 5_000,
  keepAlive: 5_000,
  // After a failover the old primary may respond as a replica: reconnect, to the current primary.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions;

const MAX_RETRY_MS = 2_000;
/** A server that accepts connections and breaks each after the first command is also down. */
const STABLE_AFTER_MS = 10_000;

/**
 * Doubles from 50 ms to 2 s, minus a random half, so that thousands of processes do not reconnect at the same
 * moment. It starts over only after a while without an attempt.
 */
function retryStrategy(): () => number {
  let attempts = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = performance.now();
    attempts = nowMs - lastMs > STABLE_AFTER_MS ? 0 : attempts + 1;
    lastMs = nowMs;
    const fullMs = Math.min(MAX_RETRY_MS, 50 * 2 ** Math.min(attempts, 10));
    return fullMs * (0.5 + Math.random() / 2);
  };
}

/**
 * `redis://` or `rediss://` (TLS) for one server; `redis+cluster://` or `rediss+cluster://` for a Cluster, with one
 * or more nodes separated by commas. It connects in the background and retries without limit.
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
      // Auto-pipelining would put scripts of all slots into one pipeline (by their first argument, the number of
      // keys), and fail if a slot is moving to another node.
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

/** Waits for a pending connection. If none is pending, commands fail by themselves with the reason. */
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

/** Ends the connection. In-flight commands fail. */
export async function disconnectRedis(redis: RedisConnection): Promise<void> {
  // Between two attempts there is no connection to end, and no 'end' event follows.
  if (redis.status === 'end' || redis.status === 'reconnecting') return redis.disconnect();
  const ended = new Promise<void>((resolve) => redis.once('end', () => resolve()));
  redis.disconnect();
  await ended;
}
