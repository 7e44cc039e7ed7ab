/** The connections to the platform: one undici pool, with the time-outs and the TLS settings of the configuration. */

import { readFileSync } from 'node:fs';
import { Pool } from 'undici';

export interface UpstreamSettings {
  readonly url: string;
  readonly caFile?: string | undefined;
  readonly servername?: string | undefined;
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
}

/** Throws where the CA file cannot be read. */
export function openUpstream(settings: UpstreamSettings): Pool {
  return new Pool(new URL(settings.url).origin, {
    connections: settings.connections,
    // One request at a time on a connection: a slow answer must not hold up another client's.
    pipelining: 1,
    headersTimeout: settings.headersTimeoutMs,
    bodyTimeout: settings.bodyTimeoutMs,
    connect: { timeout: settings.connectTimeoutMs, ...upstreamTls(settings) },
    // The platform's headers are its own affair; 64 KiB is what nginx sends at the very most.
    maxHeaderSize: 65_536,
  });
}

export interface UpstreamTls {
  readonly ca?: string;
  readonly servername?: string;
}

export function upstreamTls(settings: Pick<UpstreamSettings, 'caFile' | 'servername'>): UpstreamTls {
  return {
    ...(settings.caFile === undefined ? {} : { ca: readFileSync(settings.caFile, 'utf8') }),
    ...(settings.servername === undefined ? {} : { servername: settings.servername }),
  };
}
