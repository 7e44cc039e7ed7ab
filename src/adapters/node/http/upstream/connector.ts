/** Opens sockets to the upstream. TLS verifies the certificate for the configured name, never for a client's Host. */

import { readFileSync } from 'node:fs';
import { connect, isIP, type OnReadOpts, type Socket } from 'node:net';
import { createSecureContext, connect as tlsConnect } from 'node:tls';

export interface UpstreamAddress {
  /** Scheme, host and port. */
  readonly url: string;
  /** PEM file of the certificate authorities that replace the system's. */
  readonly caFile?: string | undefined;
  /** Name for SNI and the certificate. Default: the host of the URL. */
  readonly servername?: string | undefined;
}

export interface Connector {
  /**
   * Starts to connect. The socket emits `readyEvent` once it is writable.
   * @param onread receives the bytes read; undefined to emit them as `data`.
   */
  open(onread: OnReadOpts | undefined): Socket;
  readonly readyEvent: 'connect' | 'secureConnect';
}

/** Seconds without a byte after which the operating system probes whether the peer is still there. */
const PROBE_AFTER_S = 60;
/** All addresses of a name are tried (RFC 8305), as Node does by default. */
const SOCKET_OPTIONS = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: PROBE_AFTER_S * 1_000,
  autoSelectFamily: true,
};

/** @throws if the CA file cannot be read or is not valid. */
export function createConnector({ url, caFile, servername }: UpstreamAddress): Connector {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol === 'http:') {
    const options = { ...SOCKET_OPTIONS, host, port: Number(port || 80) };
    return { open: (onread) => connect({ ...options, ...onreadOption(onread) }), readyEvent: 'connect' };
  }
  const ca = caFile === undefined ? undefined : readFileSync(caFile, 'utf8');
  const options = {
    ...SOCKET_OPTIONS,
    host,
    port: Number(port || 443),
    // SNI does not allow an address (RFC 6066, section 3). The certificate is then verified for the address.
    servername: servername ?? (isIP(host) === 0 ? host : ''),
    secureContext: createSecureContext(ca === undefined ? {} : { ca }),
    ALPNProtocols: ['http/1.1'],
  };
  let session: Buffer | undefined;
  const open = (onread: OnReadOpts | undefined): Socket => {
    const socket = tlsConnect({
      ...options,
      ...onreadOption(onread),
      ...(session === undefined ? {} : { session }),
    });
    socket.on('session', (latest: Buffer) => {
      session = latest;
    });
    return socket;
  };
  return { open, readyEvent: 'secureConnect' };
}

function onreadOption(onread: OnReadOpts | undefined): { onread?: OnReadOpts } {
  return onread === undefined ? {} : { onread };
}
