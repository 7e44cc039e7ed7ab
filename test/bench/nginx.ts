/** The common part of all nginx of the bench: one process in the foreground that keeps everything in its folder. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Site } from './contender.ts';
import { GATEWAY_CORE } from './machine.ts';
import { type ServerGroup, startServer } from './server.ts';

/** Directives at each level, in addition to those of a plain proxy. */
export interface NginxExtras {
  readonly main?: string;
  readonly http?: string;
  readonly server?: string;
  readonly location?: string;
}

export function nginxConfig(http: string, main = ''): string {
  return `
${main}
daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events { worker_connections 1024; }
http {
  sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  ${http}
}
`;
}

/** Starts it as a proxy in front of the origin, on the gateway's core. */
export function startNginx(
  site: Site,
  extras: NginxExtras = {},
  env: NodeJS.ProcessEnv = {},
): Promise<ServerGroup> {
  const { main, http = '', server = 'access_log off;', location = '' } = extras;
  const proxy = `
  ${http}
  upstream origin { server 127.0.0.1:${site.originPort}; keepalive 64; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${site.port};
    ${server}
    location / {
      proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection "";
      ${location}
    }
  }`;
  writeFileSync(join(site.folder, 'nginx.conf'), nginxConfig(proxy, main));
  return startServer({
    name: 'nginx',
    argv: ['nginx', '-p', site.folder, '-e', 'stderr', '-c', 'nginx.conf'],
    port: site.port,
    folder: site.folder,
    env,
    core: GATEWAY_CORE,
  });
}
