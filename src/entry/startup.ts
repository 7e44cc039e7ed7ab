/** The log lines of a start: the platform, stores, routes and clients of this process. */

import type { LoadedConfig } from './config-file.ts';
import type { Environment } from './environment.ts';
import { VERSION } from './version.ts';

/** The line that precedes opening the ledger, which may take seconds. */
export function openingLine(env: Environment): string {
  return env.DATABASE_URL === undefined
    ? 'opening the embedded ledger, which takes a few seconds of CPU time'
    : 'opening the ledger';
}

export interface StartedGateway {
  readonly upstreamUrl: string;
  readonly loaded: LoadedConfig;
  /** Number of clients in the directory. */
  readonly clients: number;
}

/** Returns the fields of the `listening` line. URLs are shown without user, password and query. */
export function startedFields(env: Environment, { upstreamUrl, loaded, clients }: StartedGateway) {
  return {
    version: VERSION,
    upstream: upstreamUrl,
    ledger: env.DATABASE_URL === undefined ? `embedded in ${env.DATA_DIR}` : placeOf(env.DATABASE_URL),
    windowStore: env.REDIS_URL === undefined ? 'in this process' : placeOf(env.REDIS_URL),
    routes: loaded.routes.rules.length,
    clients,
  };
}

/** Uses patterns, because URL parsers reject the commas in the URL of a Redis Cluster. */
function placeOf(url: string): string {
  return url.replace(/\?.*/s, '').replace(/\/\/.*@/s, '//');
}
