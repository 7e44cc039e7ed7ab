/**
 * @fastify/http-proxy that counts `$.data[*]` with JSON.parse. A body is held until Redis has its posts. Rolling
 * totals are in memory.
 */

import type { IncomingMessage } from 'node:http';
import httpProxy from '@fastify/http-proxy';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { Redis } from 'ioredis';
import { host, origin, port } from './arguments.ts';

const WINDOW_MINUTES = 1440;
const redis = new Redis(process.env.REDIS_URL ?? '', { enableAutoPipelining: true });

interface Window {
  readonly buckets: Float64Array;
  lastMinute: number;
  total: number;
}
const windows = new Map<string, Window>();

function windowAt(key: string, minute: number): Window {
  let window = windows.get(key);
  if (window === undefined) {
    window = { buckets: new Float64Array(WINDOW_MINUTES), lastMinute: minute, total: 0 };
    windows.set(key, window);
  }
  for (; window.lastMinute < minute; window.lastMinute++) {
    const slot = (window.lastMinute + 1) % WINDOW_MINUTES;
    window.total -= window.buckets[slot]!;
    window.buckets[slot] = 0;
  }
  return window;
}

const thisMinute = () => Math.floor(Date.now() / 60_000);

async function record(key: string, posts: number): Promise<void> {
  const minute = thisMinute();
  const window = windowAt(key, minute);
  window.buckets[minute % WINDOW_MINUTES]! += posts;
  window.total += posts;
  await redis.hincrby(`usage:${key}`, String(minute), posts);
}

async function onResponse(request: FastifyRequest, reply: FastifyReply, answer: unknown): Promise<void> {
  const { stream } = answer as { readonly stream: IncomingMessage };
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk);
  } catch {
    reply.raw.destroy(); // Otherwise an origin that breaks off ends the process.
    return;
  }
  const body = Buffer.concat(chunks);
  if (reply.statusCode === 200) {
    const { data } = JSON.parse(body.toString()) as { readonly data: readonly unknown[] };
    await record(request.headers.authorization ?? '-', data.length);
  }
  reply.send(body);
}

const server = fastify();
server.get('/_usage', (request) => `${windowAt(request.headers.authorization ?? '-', thisMinute()).total}`);
// The types treat Fastify's request and reply as those of another Fastify.
await server.register(httpProxy, { upstream: origin, replyOptions: { onResponse: onResponse as never } });
await server.listen({ port, host });
