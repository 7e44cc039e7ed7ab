/** Contenders on Node, each in its own process, set up according to its README. */

import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Contender, Site } from './contender.ts';
import { GATEWAY_CORE } from './machine.ts';
import { type ServerGroup, startServer } from './server.ts';

export const nodeProxies: readonly Contender[] = [
  nodeProxy('undici dispatch', 'reference', 'dispatch'),
  nodeProxy('fast-proxy', 'beat', 'fast-proxy'),
  nodeProxy('http-proxy-3', 'beat', 'http-proxy-3'),
  nodeProxy('@fastify/http-proxy', 'beat', 'fastify-http-proxy'),
  nodeProxy('hono/proxy', 'beat', 'hono-proxy'),
];

function nodeProxy(name: string, role: 'reference' | 'beat', file: string): Contender {
  return { name, role, start: (site) => startNodeProxy(site, file) };
}

/** @param file in the folder `proxies`, without its extension. */
export function startNodeProxy(site: Site, file: string, env: NodeJS.ProcessEnv = {}): Promise<ServerGroup> {
  const { originUrl, port, folder } = site;
  const script = fileURLToPath(new URL(`./proxies/${file}.ts`, import.meta.url));
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return startServer({
    name: file,
    argv: [process.execPath, '--import', loader, script, originUrl, String(port)],
    port,
    folder,
    env: { NODE_ENV: 'production', ...env },
    core: GATEWAY_CORE,
  });
}
