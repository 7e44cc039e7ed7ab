/** A server that fails over to a copy of itself loses everything that was written after the copy. */

import { execFile } from 'node:child_process';
import { renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findPostgres, type TestPostgres } from '../support/services/postgres.ts';
import { crash } from './processes.ts';

const run = promisify(execFile);

/**
 * Copies the running server like a standby. The returned function replaces the server with the copy, through a crash
 * and a restart.
 */
export async function copyOf(server: TestPostgres): Promise<() => Promise<void>> {
  const data = join(server.folder, 'data');
  const copy = join(server.folder, 'copy');
  const { uid, gid } = statSync(data);
  const { port, hostname } = new URL(server.url);
  const source = ['-h', hostname, '-p', port, '-U', 'postgres'];
  await run(
    join(findPostgres()!, 'pg_basebackup'),
    [...source, '-D', copy, '-c', 'fast', '-X', 'stream', '-N'],
    {
      cwd: server.folder,
      ...(process.getuid?.() === 0 && { uid, gid }),
    },
  );
  return async () => {
    await crash(server);
    const lost = join(server.folder, 'lost');
    renameSync(data, lost);
    renameSync(copy, data);
    rmSync(lost, { recursive: true });
    await server.revive();
  };
}
