/** Gathers the facts of `postmeter doctor`. A part that fails becomes a fact, so that the others are still judged. */

import { readDatabaseFacts } from '../../adapters/postgres/connection/facts.ts';
import { readRedisFacts } from '../../adapters/redis/facts.ts';
import type { ConfigFacts, DoctorFacts, PlatformFacts, Unknown } from '../../doctor/facts.ts';
import { readConfigFile } from '../config-file.ts';
import type { Environment } from '../environment.ts';
import { failureText } from '../failure-text.ts';
import { VERSION } from '../version.ts';
import { readDiskFacts, readMaxFiles } from './machine-facts.ts';

const PLATFORM_MS = 10_000;

export async function gatherFacts(env: Environment): Promise<DoctorFacts> {
  const now = () => performance.timeOrigin + performance.now();
  const config = await orUnknown(() => readConfigFacts(env));
  const upstream = env.UPSTREAM ?? ('upstreamUrl' in config ? config.upstreamUrl : undefined);
  const [database, redis, platform, disk] = await Promise.all([
    env.DATABASE_URL === undefined ? null : orUnknown(() => readDatabaseFacts(env.DATABASE_URL!, now)),
    env.REDIS_URL === undefined ? null : orUnknown(() => readRedisFacts(env.REDIS_URL!, now)),
    upstream === undefined ? null : orUnknown(() => readPlatformFacts(upstream, now)),
    orUnknown(() => readDiskFacts(env.DATA_DIR)),
  ]);
  return {
    node: process.versions.node,
    hasAdminToken: env.ADMIN_TOKEN !== undefined,
    hasSecret: env.POSTMETER_SECRET !== undefined,
    ...{ config, database, redis, platform, disk },
    maxFiles: readMaxFiles(),
  };
}

function readConfigFacts(env: Environment): ConfigFacts & { readonly upstreamUrl: string | undefined } {
  const { config, routes, lacksRoutes } = readConfigFile(env.POSTMETER_CONFIG);
  return {
    routes: routes.rules.length,
    lacksRoutes,
    maxConnections: config.listen.maxConnections,
    upstreamConnections: config.upstream.connections,
    journalMaxBytes: config.journal.maxBytes,
    maxSkewSeconds: config.clock.maxSkewSeconds,
    upstreamUrl: config.upstream.url,
  };
}

/** HEAD takes no posts. Any status is an answer. */
async function readPlatformFacts(url: string, now: () => number): Promise<PlatformFacts> {
  const fromMs = now();
  const { status } = await fetch(url, {
    method: 'HEAD',
    redirect: 'manual',
    headers: { 'user-agent': `postmeter-doctor/${VERSION}` },
    signal: AbortSignal.timeout(PLATFORM_MS),
  }).catch((error: unknown) => {
    // The reason of a failed fetch is its cause.
    throw error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
  });
  return { url: new URL(url).origin, status, roundTripMs: now() - fromMs };
}

async function orUnknown<T>(read: () => T | Promise<T>): Promise<T | Unknown> {
  try {
    return await read();
  } catch (error) {
    return { failure: failureText(error) };
  }
}
