/**
 * Before the first test: the built product in dist (unless POSTMETER_IS_BUILT is set), the bundled Worker, an empty
 * embedded ledger, one private PostgreSQL and one private Redis for the whole run.
 */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseCLI, type TestProject } from 'vitest/node';
import { bundleWorker } from '../edge/bundle.ts';
import { installPackages } from './debian.ts';
import { makeLedgerTemplate } from './ledger-template.ts';
import { findPostgres, startPostgres } from './postgres.ts';
import { hasRedis, startRedis } from './redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser, database `postgres`; `freshDatabase` gives one of your own. */
    postgresUrl: string;
    /** `freshRedis` gives a logical database of your own. */
    redisUrl: string;
    /** The folder of the bundled Worker; empty where no test of the edge was chosen. */
    workerBundle: string;
    /** What an upload of it takes, compressed by gzip. */
    workerGzipKib: number;
  }
}

/** The folders whose tests start the built product; a run of other chosen files does without the build. */
const needBuild = ['e2e', 'edge', 'entry', 'faults', 'security', 'shared'];
const needWorker = ['edge'];
const needEmbeddedLedger = [
  'admin',
  'e2e',
  'edge',
  'entry',
  'faults',
  'invoice',
  'load',
  'pglite',
  'postgres',
  'security',
  'shared',
];

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const chosen = parseCLI(['vitest', ...process.argv.slice(2)]).filter;
  const isFor = (folders: readonly string[]): boolean =>
    chosen.length === 0 || chosen.some((file) => folders.some((folder) => file.includes(folder)));
  if (isFor(needBuild) && process.env.POSTMETER_IS_BUILT === undefined) build();
  installPackages([
    ...(findPostgres() === undefined ? ['postgresql'] : []),
    ...(hasRedis() ? [] : ['redis-server']),
  ]);
  const [bundle, removeTemplate, ...services] = await Promise.all([
    isFor(needWorker) ? bundleWorker() : undefined,
    isFor(needEmbeddedLedger) ? makeLedgerTemplate() : undefined,
    startPostgres(),
    startRedis(),
  ]);
  project.provide('postgresUrl', services[0].url);
  project.provide('redisUrl', services[1].url);
  project.provide('workerBundle', bundle?.folder ?? '');
  project.provide('workerGzipKib', bundle?.gzipKib ?? 0);
  return async () => {
    await Promise.all([...services.map((service) => service.stop()), bundle?.remove(), removeTemplate?.()]);
  };
}

/** Throws where the compiler finds a fault; it has said so on our output. */
function build(): void {
  execFileSync('npm', ['run', '-s', 'build'], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    stdio: 'inherit',
  });
}
