/** The admin API of a running gateway, for commands that find the embedded ledger in use by it. */

import { z } from 'zod';
import { UsageError } from '../usage-error.ts';

const TIMEOUT_MS = 10_000;
const problemSchema = z.object({ detail: z.string() });

export interface AdminApi {
  /** The answer's JSON. Throws where the gateway cannot be asked or refuses, with what to do. */
  ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
}

export interface AdminApiEnvironment {
  readonly ADMIN_HOST: string;
  readonly ADMIN_PORT: number;
  readonly ADMIN_TOKEN?: string | undefined;
}

/** `inUse`: why the ledger could not be opened, and so why the gateway is asked. */
export function adminApi(env: AdminApiEnvironment, inUse: Error): AdminApi {
  const token = env.ADMIN_TOKEN;
  const base = `http://${hostToAsk(env.ADMIN_HOST)}:${env.ADMIN_PORT}`;
  if (!token) {
    throw new UsageError(
      `${inUse.message}\nOr set ADMIN_TOKEN (and ADMIN_PORT) as that process has it: it is asked instead.`,
    );
  }

  return {
    async ask(method, path, body) {
      const response = await fetch(base + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).catch((cause: unknown) => {
        const mend = 'set ADMIN_HOST and ADMIN_PORT as that process has them';
        throw new Error(`${inUse.message}\nIts admin API does not answer at ${base} either: ${mend}.`, {
          cause,
        });
      });
      const answer: unknown = await response.json().catch(() => null);
      if (response.ok) return answer;
      throw refusal(response.status, answer, base);
    },
  };
}

/** A listener on all addresses is asked on this machine's own. */
function hostToAsk(adminHost: string): string {
  if (adminHost === '0.0.0.0' || adminHost === '::') return '127.0.0.1';
  return adminHost.includes(':') ? `[${adminHost}]` : adminHost;
}

function refusal(status: number, answer: unknown, base: string): Error {
  const problem = problemSchema.safeParse(answer);
  const detail = problem.success ? problem.data.detail : `status ${status}`;
  const message = `The gateway's admin API at ${base} refused: ${detail}`;
  return status === 400 || status === 404 ? new UsageError(message) : new Error(message);
}
