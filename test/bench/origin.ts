/** The platform behind every contender: nginx with static JSON pages, once plain and once with a declared count. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../services/free-port.ts';
import { nginxConfig } from './nginx.ts';
import { declaredPath, pageBody, pages } from './pages.ts';
import { type Server, startServer } from './server.ts';

/** Pages lie at their path, and once more with `X-Post-Count` at their declared path. */
export async function startOrigin(parent: string): Promise<Server> {
  const folder = join(parent, 'origin');
  mkdirSync(join(folder, 'root/posts'), { recursive: true });
  for (const page of pages) writeFileSync(join(folder, 'root', page.path), pageBody(page.posts));
  const port = await freePort();
  const declared = pages.map(
    (page) =>
      `location = ${declaredPath(page)} { alias root${page.path}; add_header X-Post-Count ${page.posts}; }`,
  );
  const config = nginxConfig(`
    default_type application/json;
    open_file_cache max=16;
    server { listen 127.0.0.1:${port}; root root; ${declared.join(' ')} }`);
  writeFileSync(join(folder, 'nginx.conf'), config);
  return startServer({
    name: 'origin',
    argv: ['nginx', '-p', folder, '-c', 'nginx.conf', '-e', 'stderr'],
    port,
    folder,
  });
}
