/** The admin API of a running gateway, for commands whose embedded ledger that gateway has open. */

import { UsageError } from '../../usage-error.ts';
import { type AdminApi, adminApi } from './admin-api.ts';

const TIMEOUT_MS = 10_000;
/** An import of a large file takes minutes, and so does a slow mail server for many copies. */
const LONG_TIMEOUT_MS = 10 * 60_000;
const LONG = /^\/v1\/(rights\/imports|invoices\/[^/]+\/send$)/;

export interface AdminApiEnvironment {
  readonly ADMIN_HOST: string;
  readonly ADMIN_PORT: number;
  readonly ADMIN_TOKEN?: string | undefined;
}

/**
 * Throws `UsageError` if ADMIN_TOKEN is not set.
 * @param inUse the error that the ledger could not be opened.
 */
export function gatewayApi(env: AdminApiEnvironment, inUse: Error): AdminApi {
  const token = env.ADMIN_TOKEN;
  const base = `http://${hostToAsk(env.ADMIN_HOST)}:${env.ADMIN_PORT}`;
  if (!token) {
    throw new UsageError(
      `${inUse.message}\nOr set ADMIN_TOKEN (and ADMIN_PORT) to the values of that process, and the command uses its API.`,
    );
  }
  return adminApi(token, `The gateway's admin API at ${base}`, (path, init) =>
    fetch(base + path, {
      ...init,
      signal: AbortSignal.timeout(LONG.test(path) ? LONG_TIMEOUT_MS : TIMEOUT_MS),
    }).catch((cause: unknown) => {
      const hint = 'set ADMIN_HOST and ADMIN_PORT to the values of that process';
      throw new Error(`${inUse.message}\nIts admin API does not respond at ${base} either: ${hint}.`, {
        cause,
      });
    }),
  );
}

/** Returns the host to connect to. A listener on all addresses is reached on the loopback address. */
function hostToAsk(adminHost: string): string {
  if (adminHost === '0.0.0.0' || adminHost === '::') return '127.0.0.1';
  return adminHost.includes(':') ? `[${adminHost}]` : adminHost;
}
