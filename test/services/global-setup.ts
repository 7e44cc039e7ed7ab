/** Before the first test: the built product in dist, one private PostgreSQL and one private Redis for the whole run. */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseCLI, type TestProject } from 'vitest/node';
import { installPackages } from './debian.ts';
import { findPostgres, startPostgres } from './postgres.ts';
import { hasRedis, startRedis } from './redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser, database `postgres`; `freshDatabase` gives one of your own. */
    postgresUrl: string;
    /** `freshRedis` gives a logical database of your own. */
    redisUrl: string;
  }
}

/** The folders whose tests start the built product; a run of other chosen files does without the build. */
const needBuild = ['e2e', 'entry', 'faults', 'security', 'shared'];

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const chosen = parseCLI(['vitest', ...process.argv.slice(2)]).filter;
  if (chosen.length === 0 || chosen.some((file) => needBuild.some((folder) => file.includes(folder))))
    build();
  installPackages([
    ...(findPostgres() === undefined ? ['postgresql'] : []),
    ...(hasRedis() ? [] : ['redis-server']),
  ]);
  const services = await Promise.all([startPostgres(), startRedis()]);
  project.provide('postgresUrl', services[0].url);
  project.provide('redisUrl', services[1].url);
  return async () => {
    await Promise.all(services.map((service) => service.stop()));
  };
}

/** Throws where the compiler finds a fault; it has said so on our output. */
function build(): void {
  execFileSync('npm', ['run', '-s', 'build'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: 'inherit',
  });
}
