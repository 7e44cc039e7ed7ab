/**
 * The platform behind every contender: nginx with static JSON pages, plain, with a declared count, and compressed.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../support/services/free-port.ts';
import { nginxConfig } from './nginx.ts';
import { codings, declaredPath, pageBody, pages } from './pages.ts';
import { type ServerGroup, startServer } from './server.ts';

/**
 * Pages are at their path, compressed if the client accepts exactly one coding, and again with `X-Post-Count` at
 * their declared path.
 */
export async function startOrigin(parent: string): Promise<ServerGroup> {
  const folder = join(parent, 'origin');
  mkdirSync(join(folder, 'root/posts'), { recursive: true });
  for (const { path, posts } of pages) {
    const file = join(folder, 'root', path);
    writeFileSync(file, pageBody(posts));
    for (const { name, compress } of codings) writeFileSync(`${file}.${name}`, compress(pageBody(posts)));
  }
  const port = await freePort();
  const declared = pages.map(
    (page) =>
      `location = ${declaredPath(page)} { alias root${page.path}; add_header X-Post-Count ${page.posts}; }`,
  );
  const config = nginxConfig(`
    access_log off;
    default_type application/json;
    open_file_cache max=16;
    map $http_accept_encoding $coding { default ''; ${codings.map(({ name }) => `${name} ${name};`).join(' ')} }
    map $coding $ending { '' ''; default .$coding; }
    server {
      listen 127.0.0.1:${port}; root root;
      location / { try_files $uri$ending =404; add_header Content-Encoding $coding; }
      ${declared.join(' ')}
    }`);
  writeFileSync(join(folder, 'nginx.conf'), config);
  return startServer({
    name: 'origin',
    argv: ['nginx', '-p', folder, '-c', 'nginx.conf', '-e', 'stderr'],
    port,
    folder,
  });
}
