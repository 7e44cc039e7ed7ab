/** What the log says about a start: which platform, stores, routes and clients this process has. */

import type { LoadedConfig } from './config-file.ts';
import type { Environment } from './environment.ts';
import { VERSION } from './version.ts';

/** One line before what may take seconds. */
export function openingLine(env: Environment): string {
  return env.DATABASE_URL === undefined
    ? 'opening the embedded ledger, which takes some seconds of processor time'
    : 'opening the ledger';
}

export interface Started {
  readonly upstreamUrl: string;
  readonly loaded: LoadedConfig;
  /** Clients in the directory. */
  readonly clients: number;
}

/** Fields of the line that says that the process listens. No URL shows its user, password or query. */
export function startedFields(env: Environment, { upstreamUrl, loaded, clients }: Started) {
  return {
    version: VERSION,
    upstream: upstreamUrl,
    ledger: env.DATABASE_URL === undefined ? `embedded in ${env.DATA_DIR}` : placeOf(env.DATABASE_URL),
    windowStore: env.REDIS_URL === undefined ? 'in this process' : placeOf(env.REDIS_URL),
    routes: loaded.routes.rules.length,
    clients,
  };
}

/** By pattern: a Redis Cluster's URL with its commas is not a URL to a parser. */
function placeOf(url: string): string {
  return url.replace(/\?.*/s, '').replace(/\/\/.*@/s, '//');
}
