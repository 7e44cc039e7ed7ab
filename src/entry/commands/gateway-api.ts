/** The admin API of a running gateway, for commands that find the embedded ledger in use by it. */

import { UsageError } from '../usage-error.ts';
import { type AdminApi, adminApi } from './admin-api.ts';

const TIMEOUT_MS = 10_000;

export interface AdminApiEnvironment {
  readonly ADMIN_HOST: string;
  readonly ADMIN_PORT: number;
  readonly ADMIN_TOKEN?: string | undefined;
}

/**
 * Throws `UsageError` if ADMIN_TOKEN is not set.
 * @param inUse why the ledger cannot be opened.
 */
export function gatewayApi(env: AdminApiEnvironment, inUse: Error): AdminApi {
  const token = env.ADMIN_TOKEN;
  const base = `http://${hostToAsk(env.ADMIN_HOST)}:${env.ADMIN_PORT}`;
  if (!token) {
    throw new UsageError(
      `${inUse.message}\nOr set ADMIN_TOKEN (and ADMIN_PORT) as that process has it: the command asks that process.`,
    );
  }
  return adminApi(token, `The gateway's admin API at ${base}`, (path, init) =>
    fetch(base + path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((cause: unknown) => {
      const hint = 'set ADMIN_HOST and ADMIN_PORT as that process has them';
      throw new Error(`${inUse.message}\nIts admin API does not answer at ${base} either: ${hint}.`, {
        cause,
      });
    }),
  );
}

/** A listener on all addresses is asked on this machine's own. */
function hostToAsk(adminHost: string): string {
  if (adminHost === '0.0.0.0' || adminHost === '::') return '127.0.0.1';
  return adminHost.includes(':') ? `[${adminHost}]` : adminHost;
}
