/** Contenders in C and Go, from Debian's packages: one thread each, kept-alive connections to the origin, no logs. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Site } from './contender.ts';
import { gatewayCore } from './machine.ts';
import { nginxConfig } from './nginx.ts';
import { startServer } from './server.ts';

export const nginx: Contender = {
  name: 'nginx proxy_pass',
  role: 'yardstick',
  program: 'nginx',
  start: (site) =>
    configured(
      site,
      ['nginx', '-p', site.folder, '-e', 'stderr', '-c'],
      'nginx.conf',
      nginxConfig(`
      upstream origin { server 127.0.0.1:${site.originPort}; keepalive 64; keepalive_requests 1000000000; }
      server {
        listen 127.0.0.1:${site.port};
        location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; }
      }`),
    ),
};

export const haproxy: Contender = {
  name: 'HAProxy',
  role: 'reference',
  program: 'haproxy',
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
  program: 'caddy',
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
    core: gatewayCore,
  });
}
