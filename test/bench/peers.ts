/**
 * What a user would build instead: proxies that count `$.data[*]` by API key over rolling 24 hours and store it. They
 * check no keys, apply no limits and have no ledger. Those in nginx and Go write a line to a file before the last
 * bytes of a response leave. The one on Node waits for Redis.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startRedis } from '../support/services/redis.ts';
import type { Contender, Running, Served, Site } from './contender.ts';
import { GATEWAY_CORE, programEnv } from './machine.ts';
import { type NginxExtras, startNginx } from './nginx.ts';
import { startNodeProxy } from './node-proxies.ts';
import { startServer } from './server.ts';

const peer = (file: string) => fileURLToPath(new URL(`./peers/${file}`, import.meta.url));
const modules = '/usr/lib/nginx/modules';
const headers = { authorization: 'Bearer bench' };

export const nginxLuaC: Contender = {
  name: 'nginx + Lua + C',
  role: 'peer',
  packages: ['nginx', 'libnginx-mod-http-lua', 'gcc', 'libc6-dev'],
  start: (site) => {
    const scanner = join(site.folder, 'scan.so');
    execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', scanner, peer('scan.c')]);
    return startLua(site, 'stream', 'log_by_lua_block { require("stream").log() }', { SCANNER: scanner });
  },
};

const nginxLuaCjson: Contender = {
  name: 'nginx + Lua + cjson',
  role: 'peer',
  packages: ['nginx', 'libnginx-mod-http-lua', 'lua-cjson', 'lua-zlib'],
  start: (site) => startLua(site, 'whole'),
};

const nginxNjs: Contender = {
  name: 'nginx + njs',
  role: 'peer',
  packages: ['nginx', 'libnginx-mod-http-js'],
  start: async (site) => {
    const server = await startNginx(site, {
      main: `load_module ${modules}/ngx_http_js_module.so;`,
      http: `js_path "${peer('')}"; js_import usage.js; js_var $posts 0;
        log_format usage '$msec $posts $http_authorization';`,
      server: 'access_log usage.log usage;',
      location: 'js_body_filter usage.count buffer_type=string;',
    });
    const logged = async () =>
      readFileSync(join(site.folder, 'usage.log'), 'utf8')
        .split('\n')
        .reduce((sum, line) => sum + Number(line.split(' ')[1] ?? 0), 0);
    return counting(server, logged);
  },
};

const fastifyJsonParse: Contender = {
  name: '@fastify/http-proxy + JSON.parse',
  role: 'peer',
  start: async (site) => {
    const redis = await startRedis();
    const server = await startNodeProxy(site, 'fastify-json-parse', { REDIS_URL: redis.url });
    const stop = async () => {
      await server.stop();
      await redis.stop();
    };
    return counting({ ...server, stop });
  },
};

const goJson: Contender = {
  name: 'Go + encoding/json',
  role: 'peer',
  command: 'go',
  start: async (site) => {
    const program = join(site.folder, 'usage');
    const env = { ...programEnv, HOME: site.folder, GOMAXPROCS: '1' };
    execFileSync('go', ['build', '-o', program, peer('usage.go')], { env });
    const argv = [program, site.originUrl, String(site.port), join(site.folder, 'journal')];
    const { port, folder } = site;
    return counting(await startServer({ name: 'go', argv, port, folder, env, core: GATEWAY_CORE }));
  },
};

export const peers: readonly Contender[] = [nginxLuaC, nginxLuaCjson, nginxNjs, fastifyJsonParse, goJson];

async function startLua(
  site: Site,
  module: string,
  atEnd = '',
  env: NodeJS.ProcessEnv = {},
): Promise<Running> {
  const extras: NginxExtras = {
    main: `load_module ${modules}/ndk_http_module.so; load_module ${modules}/ngx_http_lua_module.so; env SCANNER;`,
    http: `lua_package_path "${peer('')}?.lua;;"; lua_shared_dict usage 64m;
      init_worker_by_lua_block { require("usage").start("${join(site.folder, 'journal')}") }`,
    server: `access_log off;
      location = /_usage { content_by_lua_block { ngx.say(require("usage").total(ngx.var.http_authorization)) } }`,
    location: `body_filter_by_lua_block { require("${module}").body_filter() } ${atEnd}`,
  };
  return counting(await startNginx(site, extras, env));
}

/** @param total reads the posts that it has counted. */
function counting(server: Running, total = () => totalOf(server)): Running {
  const verify = async ({ posts, cutPosts }: Served) => {
    const counted = await total();
    if (counted < posts || counted > posts + cutPosts)
      throw new Error(`${server.url} counted ${counted} of ${posts} to ${posts + cutPosts} posts.`);
  };
  return { ...server, headers, verify };
}

async function totalOf({ url }: Running): Promise<number> {
  const response = await fetch(`${url}/_usage`, { headers });
  return Number(await response.text());
}
