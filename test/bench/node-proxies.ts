/** Contenders on Node that only forward, each in a process of its own, set up as its README says. */

import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Contender } from './contender.ts';
import { gatewayCore } from './machine.ts';
import { startServer } from './server.ts';

export const nodeProxies: readonly Contender[] = [
  nodeProxy('undici dispatch', 'reference', 'dispatch.ts'),
  nodeProxy('fast-proxy', 'beat', 'fast-proxy.ts'),
  nodeProxy('http-proxy-3', 'beat', 'http-proxy-3.ts'),
  nodeProxy('@fastify/http-proxy', 'beat', 'fastify-http-proxy.ts'),
  nodeProxy('hono/proxy', 'beat', 'hono-proxy.ts'),
];

function nodeProxy(name: string, role: 'reference' | 'beat', file: string): Contender {
  const script = fileURLToPath(new URL(`./proxies/${file}`, import.meta.url));
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return {
    name,
    role,
    start: ({ originUrl, port, folder }) =>
      startServer({
        name,
        argv: [process.execPath, '--import', loader, script, originUrl, String(port)],
        port,
        folder,
        env: { NODE_ENV: 'production' },
        core: gatewayCore,
      }),
  };
}
