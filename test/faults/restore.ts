/** A database dump that is restored as an operator does it: into a new database that takes the old name. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { findPostgres } from '../support/services/postgres.ts';

const run = promisify(execFile);

export interface Dump {
  /** Restores the state of the dump. Every connection is closed. */
  restore(): Promise<void>;
}

export async function dumpOf(url: string, folder: string): Promise<Dump> {
  const file = join(folder, `${Date.now()}.dump`);
  const bin = findPostgres()!;
  await run(join(bin, 'pg_dump'), ['-Fc', '-f', file, url]);
  const name = new URL(url).pathname.slice(1);
  const server = new URL('/postgres', url).href;
  return {
    async restore() {
      const sql = postgres(server, { max: 1, onnotice: () => {} });
      try {
        await sql.unsafe(`create database "${name}_new"`);
        await run(join(bin, 'pg_restore'), ['-d', new URL(`/${name}_new`, url).href, file]);
        await sql.unsafe(`alter database "${name}" allow_connections false`);
        await sql.unsafe(`drop database "${name}" with (force)`);
        await sql.unsafe(`alter database "${name}_new" rename to "${name}"`);
      } finally {
        await sql.end();
      }
    },
  };
}
