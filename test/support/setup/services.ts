/**
 * Starts one private PostgreSQL, one private Redis and an empty embedded ledger before the tests of a project that
 * uses stores. All projects of a run share them.
 */

import type { TestProject } from 'vitest/node';
import { installPackages } from '../services/debian.ts';
import { makeLedgerTemplate } from '../services/ledger-template.ts';
import { findPostgres, startPostgres } from '../services/postgres.ts';
import { hasRedis, startRedis } from '../services/redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser, database `postgres`. `freshDatabase` makes a database for one test file. */
    postgresUrl: string;
    /** `freshRedis` reserves a logical database for one test file. */
    redisUrl: string;
  }
}

/** @returns a function that stops them; undefined if another project of this run has started them. */
export default async function setup({ vitest }: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (vitest.getProvidedContext().postgresUrl !== undefined) return undefined;
  installPackages([
    ...(findPostgres() === undefined ? ['postgresql'] : []),
    ...(hasRedis() ? [] : ['redis-server']),
  ]);
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis(), makeLedgerTemplate()]);
  vitest.provide('postgresUrl', postgres.url);
  vitest.provide('redisUrl', redis.url);
  return async () => void (await Promise.all([postgres.stop(), redis.stop()]));
}
