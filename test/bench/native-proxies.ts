/** Contenders in C and Go from Debian's packages: one thread each, kept connections to the origin, no logs. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Site } from './contender.ts';
import { GATEWAY_CORE } from './machine.ts';
import { startNginx } from './nginx.ts';
import { startServer } from './server.ts';

export const nginx: Contender = {
  name: 'nginx proxy_pass',
  role: 'yardstick',
  packages: ['nginx'],
  start: (site) => startNginx(site),
};

/**
 * By default a body above 32 KB is not read while more than that waits for the client, which doubles the system
 * calls.
 */
export const nginxWithBuffers: Contender = {
  name: 'nginx, buffers that fit 58 KB',
  role: 'yardstick',
  packages: ['nginx'],
  start: (site) =>
    startNginx(site, {
      location: 'proxy_buffers 8 64k; proxy_buffer_size 64k; proxy_busy_buffers_size 128k;',
    }),
};

export const haproxy: Contender = {
  name: 'HAProxy',
  role: 'reference',
  packages: ['haproxy'],
  start: (site) =>
    configured(
      site,
      ['haproxy', '-db', '-f'],
      'haproxy.cfg',
      `
global
  nbthread 1
  maxconn 1000
defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend in
  bind 127.0.0.1:${site.port}
  default_backend origin
backend origin
  server origin 127.0.0.1:${site.originPort}
`,
    ),
};

export const caddy: Contender = {
  name: 'Caddy',
  role: 'beat',
  packages: ['caddy'],
  start: (site) =>
    configured(
      site,
      ['caddy', 'run', '--adapter', 'caddyfile', '--config'],
      'Caddyfile',
      `
{
  admin off
  auto_https off
}
http://127.0.0.1:${site.port} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${site.originPort}
}
`,
    ),
};

function configured(site: Site, argv: readonly string[], file: string, config: string) {
  writeFileSync(join(site.folder, file), config);
  return startServer({
    name: argv[0] ?? '',
    argv: [...argv, file],
    port: site.port,
    folder: site.folder,
    env: { HOME: site.folder, XDG_DATA_HOME: site.folder, XDG_CONFIG_HOME: site.folder, GOMAXPROCS: '1' },
    core: GATEWAY_CORE,
  });
}
