/** The connections to the platform: one undici pool, with the time-outs and the TLS settings of the configuration. */

import { readFileSync } from 'node:fs';
import { buildConnector, type Dispatcher, Pool } from 'undici';

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
  const { protocol, origin } = new URL(settings.url);
  const options: Pool.Options = {
    connections: settings.connections,
    // One request at a time on a connection: a slow answer must not hold up another client's.
    pipelining: 1,
    headersTimeout: settings.headersTimeoutMs,
    bodyTimeout: settings.bodyTimeoutMs,
    connect: connectorOf(settings),
    // The platform's headers are its own affair; 64 KiB is what nginx sends at the very most.
    maxHeaderSize: 65_536,
  };
  return protocol === 'https:' ? new TlsPool(origin, options) : new Pool(origin, options);
}

/**
 * undici takes the name for SNI and for the certificate's check from a request's Host, which is the client's to
 * choose, and makes a new connection whenever it changes. The name is the platform's, and it is one.
 */
class TlsPool extends Pool {
  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return super.dispatch(Object.assign(options, ONE_NAME), handler);
  }
}

/** Stands for all names; the connector puts the true one in its place. */
const ONE_NAME = { servername: 'upstream' };

function connectorOf(settings: UpstreamSettings): buildConnector.connector {
  const connect = buildConnector({ timeout: settings.connectTimeoutMs, ...upstreamTls(settings) });
  // Empty: the configured name, else that of the URL.
  return (options, callback) => connect({ ...options, servername: '' }, callback);
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
