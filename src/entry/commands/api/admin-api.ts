/** The client of the admin API in commands. A gateway or this process serves the requests. */

import { z } from 'zod';
import { UsageError } from '../../usage-error.ts';

const problemSchema = z.object({ detail: z.string() });

export interface AdminApi {
  /** Returns the JSON of the response. Throws `UsageError` for 400 and 404, `Error` for other refusals, with a hint. */
  ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
}

/** Sends a request to the API; `path` begins with a slash. */
export type Send = (path: string, init: RequestInit) => Promise<Response>;

/** @param name the server, as refusals name it. */
export function adminApi(token: string, name: string, send: Send): AdminApi {
  return {
    async ask(method, path, body) {
      const response = await send(path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const answer: unknown = await response.json().catch(() => null);
      if (response.ok) return answer;
      throw refusal(response.status, answer, name);
    },
  };
}

function refusal(status: number, answer: unknown, name: string): Error {
  const problem = problemSchema.safeParse(answer);
  const detail = problem.success ? problem.data.detail : `status ${status}`;
  const message = `${name} refused: ${detail}`;
  return status === 400 || status === 404 ? new UsageError(message) : new Error(message);
}
